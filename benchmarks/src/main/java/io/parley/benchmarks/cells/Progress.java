package io.parley.benchmarks.cells;

import io.parley.benchmarks.experiment.Plan;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows how a run goes: one bar over all cells on a terminal; elsewhere a line for each finished cell. Calls may come from
 * several threads.
 */
public final class Progress {
    private static final int STEPS = 1000;

    private final PrintWriter out;
    private final boolean terminal;
    private final LongSupplier nanoTime;
    private final Map<String, Report> reports = new HashMap<>();
    private final Pace starts = new Pace();
    private final Pace rows = new Pace();
    private ProgressBar bar;
    private long begun;
    private int cells;
    private int over;

    /** When a cell last said how far it is. */
    private record Report(double share, long time) {}

    /** How fast cells of one kind go. Starts have one of their own: what they cost beside a row only the run itself can tell. */
    private static final class Pace {
        private double total;
        private double done;
        private double seconds;

        private boolean known() {
            return total == 0 || seconds > 0 && done > 0.01 * total;
        }

        private double left() {
            return total == 0 ? 0 : seconds / done * (total - done);
        }
    }

    /** @param terminal whether {@code out} is a terminal, on which a bar can be redrawn */
    public Progress(PrintWriter out, boolean terminal) {
        this(out, terminal, System::nanoTime);
    }

    Progress(PrintWriter out, boolean terminal, LongSupplier nanoTime) {
        this.out = out;
        this.terminal = terminal;
        this.nanoTime = nanoTime;
    }

    /**
     * @param waiting cells to compute
     * @param kept number of cells that are finished already
     */
    public synchronized void begin(Collection<Plan.Cell> waiting, int kept) {
        cells = waiting.size();
        waiting.forEach(cell -> pace(cell).total += cell.weight());
        begun = nanoTime.getAsLong();
        out.println(cells + " cells to compute" + (kept == 0 ? "" : ", " + kept + " finished before"));
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

    /** @param share of the cell that is done, from 0, said as it begins, to 1 */
    public synchronized void advanced(Plan.Cell cell, double share) {
        move(cell, share);
    }

    /** @param note something that a person should know and that is no failure */
    public synchronized void noted(Plan.Cell cell, String note) {
        if (terminal) {
            out.println();
        }
        out.println("note: " + cell.title() + ": " + note);
    }

    public synchronized void finished(Plan.Cell cell) {
        over++;
        move(cell, 1);
        if (!terminal) {
            out.println("[" + over + "/" + cells + "] " + cell.title() + "; " + left());
        }
    }

    public synchronized void failed(Plan.Cell cell, String problem) {
        over++;
        move(cell, 1);
        if (terminal) {
            out.println();
        }
        out.println("[" + over + "/" + cells + "] FAILED " + cell.title() + ": " + problem);
    }

    /** The run is over or ending. */
    public synchronized void end() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }

    private Pace pace(Plan.Cell cell) {
        return cell.isStart() ? starts : rows;
    }

    private void move(Plan.Cell cell, double share) {
        Pace pace = pace(cell);
        Report now = new Report(share, nanoTime.getAsLong());
        Report before = reports.put(cell.folder(), now);
        pace.done += (share - (before == null ? 0 : before.share)) * cell.weight();
        pace.seconds += before == null ? 0 : (now.time - before.time) / 1e9;
        if (bar != null) {
            bar.stepTo(Math.round(STEPS * (starts.done + rows.done) / (starts.total + rows.total)));
            bar.setExtraMessage(over + "/" + cells + ", " + left());
        }
    }

    private String left() {
        if (!starts.known() || !rows.known()) {
            return "time left unknown yet";
        }
        double cellsAtOnce = (starts.seconds + rows.seconds) / ((nanoTime.getAsLong() - begun) / 1e9);
        Duration left = Duration.ofSeconds(Math.round((starts.left() + rows.left()) / cellsAtOnce));
        return left.toMinutes() > 0 ? "about " + left.toMinutes() + " min left" : "about " + left.toSeconds() + " s left";
    }
}
