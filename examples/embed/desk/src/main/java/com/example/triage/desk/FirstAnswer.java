package com.example.triage.desk;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** How long it took since the program was started. */
public final class FirstAnswer {
    private FirstAnswer() {}

    /** Prints the time by the clock, and the processor time of all threads. */
    public static void print() {
        long clock = System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime();
        long processor = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime() / 1_000_000;
        System.out.println("first shift after " + clock + " ms, of processor time " + processor + " ms");
    }
}
