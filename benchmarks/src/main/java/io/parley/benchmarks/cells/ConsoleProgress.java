package io.parley.benchmarks.cells;

import io.parley.benchmarks.experiment.Plan;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** One bar over all cells on a terminal; elsewhere a line for each finished cell. */
public final class ConsoleProgress implements Progress {
    private static final int STEPS = 1000;

    private final PrintWriter out;
    private final boolean terminal;
    private final Map<String, Double> shares = new HashMap<>();
    private ProgressBar bar;
    private long begun;
    private int cells;
    private int over;
    private double total;
    private double done;

    /** @param terminal whether {@code out} is a terminal, on which a bar can be redrawn */
    public ConsoleProgress(PrintWriter out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    @Override
    public synchronized void begin(int count, int kept, double weight) {
        cells = count;
        total = weight;
        begun = System.nanoTime();
        out.println(count + " cells to compute" + (kept == 0 ? "" : ", " + kept + " finished before"));
        if (terminal) {
            bar = new ProgressBarBuilder()
                    .setTaskName("cells")
                    .setInitialMax(STEPS)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(500)
                    .hideEta()
                    .build();
            bar.setExtraMessage("0/" + cells);
        }
    }

    @Override
    public synchronized void advanced(Plan.Cell cell, double share) {
        move(cell, share);
    }

    @Override
    public synchronized void noted(Plan.Cell cell, String note) {
        if (terminal) {
            out.println();
        }
        out.println("note: " + cell.title() + ": " + note);
    }

    @Override
    public synchronized void finished(Plan.Cell cell) {
        over++;
        move(cell, 1);
        if (!terminal) {
            out.println("[" + over + "/" + cells + "] " + cell.title() + "; " + left());
        }
    }

    @Override
    public synchronized void failed(Plan.Cell cell, String problem) {
        over++;
        move(cell, 1);
        if (terminal) {
            out.println();
        }
        out.println("[" + over + "/" + cells + "] FAILED " + cell.title() + ": " + problem);
    }

    @Override
    public synchronized void end() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }

    private void move(Plan.Cell cell, double share) {
        Double before = shares.put(cell.folder(), share);
        done += (share - (before == null ? 0 : before)) * cell.weight();
        if (bar != null) {
            bar.stepTo(Math.round(STEPS * done / total));
            bar.setExtraMessage(over + "/" + cells + ", " + left());
        }
    }

    private String left() {
        double elapsed = (System.nanoTime() - begun) / 1e9;
        if (done <= 0.01 * total) {
            return "time left unknown yet";
        }
        Duration left = Duration.ofSeconds(Math.round(elapsed * (total - done) / done));
        return left.toMinutes() > 0 ? "about " + left.toMinutes() + " min left" : "about " + left.toSeconds() + " s left";
    }
}
