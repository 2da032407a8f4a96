package com.example.triage.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/** {@code Train FOLDER}: trains the assistant and saves it in a folder. Ctrl-C stops it between two updates. */
public final class Train {
    private Train() {}

    public static void main(String[] args) throws IOException {
        // Small operations do not profit from a second thread; DJL may report its use unless it is offline.
        System.setProperty("ai.djl.pytorch.num_threads", "1");
        System.setProperty("ai.djl.offline", "true");
        AtomicBoolean cancelled = new AtomicBoolean();
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            cancelled.set(true);
            try {
                ended.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
        try {
            new Trainer(1, 60_000).train(Path.of(args[0]),
                    (share, reward) -> System.out.printf("%3.0f %%  a decision earns %.2f%n", 100 * share, reward),
                    cancelled::get);
            System.out.println("saved in " + args[0]);
        } catch (CancellationException e) {
            System.out.println("stopped; nothing is saved");
        } finally {
            ended.countDown();
        }
    }
}
