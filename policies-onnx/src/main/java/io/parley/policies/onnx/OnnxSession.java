package io.parley.policies.onnx;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A graph that ONNX Runtime has loaded. Any number of threads use it at once; closing waits for those that are at it, and those
 * that come later are refused.
 */
final class OnnxSession implements AutoCloseable {
    private static final AtomicLong SESSIONS = new AtomicLong();

    private final long number = SESSIONS.getAndIncrement();
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final Model model;
    private final ParameterStore noParameters;
    private boolean closed;

    /**
     * @param threads threads that one call may use, at least 1
     * @throws IOException if ONNX Runtime does not take the file
     */
    OnnxSession(Path file, int threads) throws IOException {
        model = Onnx.newModel(file.getFileName().toString());
        try {
            model.load(file, null, Map.of("intraOpNumThreads", Integer.toString(threads), "interOpNumThreads", "1"));
        } catch (MalformedModelException | EngineException e) {
            model.close();
            String reason = e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
            throw new IOException(file + ": ONNX Runtime does not load it: " + reason, e);
        }
        noParameters = new ParameterStore(model.getNDManager(), false);
    }

    /**
     * Does some work with the graph, which stays loaded until it is done.
     *
     * @throws IllegalStateException if the session is closed
     */
    <T> T use(Function<Run, T> work) {
        lock.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("this policy is closed");
            }
            try (Run run = new Run(model.getNDManager().newSubManager())) {
                return work.apply(run);
            }
        } finally {
            lock.readLock().unlock();
        }
    }

    /**
     * Does some work with several graphs, all of which stay loaded until it is done. Within it {@link #use} of one of them waits
     * for nobody.
     *
     * @param sessions one or more; the same may be there twice
     * @throws IllegalStateException if one of them is closed
     */
    static <T> T useAll(List<OnnxSession> sessions, Supplier<T> work) {
        // Everybody takes them in one order. Otherwise two threads, each with a session that the other wants too, would wait for
        // ever once somebody closes both: who closes waits for who is at work, and lets nobody past.
        return useEach(sessions.stream().sorted(Comparator.comparingLong(session -> session.number)).iterator(), work);
    }

    private static <T> T useEach(Iterator<OnnxSession> sessions, Supplier<T> work) {
        return sessions.hasNext() ? sessions.next().use(run -> useEach(sessions, work)) : work.get();
    }

    /** Closing twice is allowed. */
    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                model.close();
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Runs of the graph, whose arrays live until they are done: the outputs of each have the owner of its first input. */
    final class Run implements AutoCloseable {
        private final NDManager arrays;

        private Run(NDManager arrays) {
            this.arrays = arrays;
        }

        /** Runs within these, whose arrays go when it is closed. */
        Run part() {
            return new Run(arrays.newSubManager());
        }

        @Override
        public void close() {
            arrays.close();
        }

        NDArray longs(String input, long[] values, long... shape) {
            return named(input, arrays.create(LongBuffer.wrap(values), new Shape(shape), DataType.INT64));
        }

        NDArray floats(String input, float[] values, long... shape) {
            return named(input, arrays.create(FloatBuffer.wrap(values), new Shape(shape), DataType.FLOAT32));
        }

        /** An output of one run as an input of the next. */
        NDArray named(String input, NDArray array) {
            array.setName(input);
            return array;
        }

        /** @param inputs all inputs of the graph, by name; the outputs are found by name too */
        NDList outputs(NDList inputs) {
            return model.getBlock().forward(noParameters, inputs, false);
        }
    }
}
