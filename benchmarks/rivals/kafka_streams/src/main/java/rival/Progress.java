package rival;

import java.util.concurrent.CountDownLatch;

/** How many events were worked off: told on standard output now and then, and when it is all of them. */
final class Progress {
    private static final long EVERY = 5_000;
    private final long all;
    private final CountDownLatch through = new CountDownLatch(1);
    private long events;

    Progress(long all) {
        this.all = all;
    }

    /** Called by the one stream thread. */
    void oneMore() {
        events++;
        if (events % EVERY == 0 || events == all) {
            System.out.println(events);
        }
        if (events == all) {
            through.countDown();
        }
    }

    void await() throws InterruptedException {
        through.await();
    }
}
