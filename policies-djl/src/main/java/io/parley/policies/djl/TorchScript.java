package io.parley.policies.djl;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Methods written in TorchScript, so that a whole forward pass is one call and can use operators that DJL's array
 * interface lacks. They take part in autograd. A module holds no parameters: arrays are arguments.
 *
 * <p>The text is the body of a class, in the form in which PyTorch serialises it. A TorchScript archive is a zip of
 * such text, a pickle of an object of the class, and a version; it is put together here, without Python.
 */
final class TorchScript {
    /** By text: what is compiled lives as long as the JVM, so that a text is compiled once. */
    private static final Map<String, TorchScript> COMPILED = new ConcurrentHashMap<>();

    /** Held, because a model that nobody holds is closed by the garbage collector. */
    private final Model model;
    private final Block block;
    private final ParameterStore noParameters;

    private TorchScript(Model model) {
        this.model = model;
        block = model.getBlock();
        noParameters = new ParameterStore(this.model.getNDManager(), false);
    }

    /**
     * The class {@code M} in resources beside this one, compiled.
     *
     * @param names files of which the class consists, in order
     * @param replacements text by name: every {@code @name@} in the resources becomes the text
     * @throws IllegalStateException if PyTorch cannot compile it; the message is the compiler's
     */
    static TorchScript resources(List<String> names, Map<String, String> replacements) {
        StringBuilder text = new StringBuilder();
        for (String name : names) {
            try (InputStream in = TorchScript.class.getResourceAsStream(name)) {
                if (in == null) {
                    throw new IllegalStateException("resource " + name + " is not in the jar of the policies");
                }
                text.append(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        String code = text.toString();
        for (Map.Entry<String, String> each : replacements.entrySet()) {
            code = code.replace("@" + each.getKey() + "@", each.getValue());
        }
        return COMPILED.computeIfAbsent(code, TorchScript::compile);
    }

    private static TorchScript compile(String code) {
        Torch.engine();
        Model model = Model.newInstance("script", Torch.ENGINE);
        try {
            model.load(new ByteArrayInputStream(archive(code)));
        } catch (IOException | MalformedModelException e) {
            throw new IllegalStateException("the script does not compile: " + e.getMessage(), e);
        }
        return new TorchScript(model);
    }

    /**
     * Calls a method.
     *
     * @param manager owner of the results
     * @param arguments in the method's order, each an {@link NDArray} or a non-empty {@code List<NDArray>}
     */
    NDList call(NDManager manager, String method, Object... arguments) {
        NDList inputs = new NDList();
        // Empty, because it only carries the name and the manager: no buffer is staged for it.
        NDArray selector = manager.create(new Shape(0));
        selector.setName("module_method:" + method);
        inputs.add(selector);
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i] instanceof NDArray array) {
                array.setName(null);
                inputs.add(array);
            } else {
                String name = "a" + i + "[]";
                for (Object element : (List<?>) arguments[i]) {
                    NDArray array = (NDArray) element;
                    array.setName(name);
                    inputs.add(array);
                }
            }
        }
        // The profiling executor specialises on the first calls, and fails when calls with and without gradients alternate.
        // libtorch keeps the setting for each thread.
        JniUtils.setGraphExecutorOptimize(false);
        // Training mode even without gradients: the other path runs in inference mode, whose results cannot enter a graph.
        return block.forward(noParameters, inputs, true);
    }

    private static byte[] archive(String code) throws IOException {
        ByteArrayOutputStream pickle = new ByteArrayOutputStream();
        pickle.write(new byte[] {(byte) 0x80, 2});
        pickle.write("c__torch__\nM\n".getBytes(StandardCharsets.US_ASCII));
        pickle.write(new byte[] {')', (byte) 0x81, '}', '(', 'X', 8, 0, 0, 0});
        pickle.write("training".getBytes(StandardCharsets.US_ASCII));
        pickle.write(new byte[] {(byte) 0x88, 'u', 'b', '.'});

        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.setMethod(ZipOutputStream.STORED);
            put(zip, "m/data.pkl", pickle.toByteArray());
            put(zip, "m/code/__torch__.py", code.getBytes(StandardCharsets.UTF_8));
            put(zip, "m/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
            put(zip, "m/version", "3\n".getBytes(StandardCharsets.US_ASCII));
        }
        return bytes.toByteArray();
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setSize(content.length);
        entry.setCompressedSize(content.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
