package io.parley.policies.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;

/** Puts a graph of ONNX operators together: every step adds a node and gives the name of its result. */
final class OnnxGraph {
    static final int FLOAT = TensorProto.DataType.FLOAT.getNumber();
    static final int INT64 = TensorProto.DataType.INT64.getNumber();
    static final int BOOL = TensorProto.DataType.BOOL.getNumber();

    private final GraphProto.Builder graph;
    private final String prefix;
    private int nodes;

    OnnxGraph(String name) {
        this(name, "");
    }

    private OnnxGraph(String name, String prefix) {
        graph = GraphProto.newBuilder().setName(name);
        this.prefix = prefix;
    }

    /** A branch of this graph, which sees all that the graph has so far. */
    OnnxGraph branch(String name) {
        return new OnnxGraph(name, prefix + name + "/");
    }

    /** @param dimensions each a number, or the name of one that is known when the graph runs */
    String input(String name, String description, int type, Object... dimensions) {
        graph.addInput(value(name, description, type, dimensions));
        return name;
    }

    /** Gives a result the name of an output. */
    void output(String name, String description, String result, int type, Object... dimensions) {
        graph.addNode(NodeProto.newBuilder().setName(prefix + name).setOpType("Identity")
                .addInput(result).addOutput(prefix + name));
        graph.addOutput(value(prefix + name, description, type, dimensions));
    }

    private static ValueInfoProto value(String name, String description, int type, Object... dimensions) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (Object dimension : dimensions) {
            if (dimension instanceof String named) {
                shape.addDimBuilder().setDimParam(named);
            } else {
                shape.addDimBuilder().setDimValue(((Number) dimension).longValue());
            }
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setDocString(description)
                .setType(TypeProto.newBuilder().setTensorType(TypeProto.Tensor.newBuilder().setElemType(type).setShape(shape)))
                .build();
    }

    /** A tensor of the shape, row by row. */
    String constant(String name, float[] values, long... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return initializer(name, FLOAT, bytes, shape);
    }

    /** A tensor of the shape, row by row. */
    String constant(String name, long[] values, long... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        return initializer(name, INT64, bytes, shape);
    }

    /** A scalar. */
    String constant(String name, float value) {
        return constant(name, new float[] {value});
    }

    /** A list of whole numbers, such as axes. */
    String list(String name, long... values) {
        return constant(name, values, values.length);
    }

    private String initializer(String name, int type, ByteBuffer bytes, long... shape) {
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(prefix + name).setDataType(type).setRawData(UnsafeByteOperations.unsafeWrap(bytes));
        for (long length : shape) {
            tensor.addDims(length);
        }
        graph.addInitializer(tensor);
        return prefix + name;
    }

    /** A node with one result. */
    String node(String operator, String... inputs) {
        return node(operator, Map.of(), inputs);
    }

    /** @param attributes each a Long, a Float, a list of Longs, or a graph */
    String node(String operator, Map<String, Object> attributes, String... inputs) {
        return nodes(operator, 1, attributes, inputs).get(0);
    }

    List<String> nodes(String operator, int results, Map<String, Object> attributes, String... inputs) {
        String name = prefix + operator + nodes++;
        NodeProto.Builder node = NodeProto.newBuilder().setName(name).setOpType(operator).addAllInput(List.of(inputs));
        for (int i = 0; i < results; i++) {
            node.addOutput(name + ":" + i);
        }
        attributes.forEach((key, value) -> node.addAttribute(attribute(key, value)));
        graph.addNode(node);
        return node.getOutputList();
    }

    private static AttributeProto attribute(String name, Object value) {
        AttributeProto.Builder attribute = AttributeProto.newBuilder().setName(name);
        if (value instanceof Long number) {
            return attribute.setType(AttributeProto.AttributeType.INT).setI(number).build();
        }
        if (value instanceof Float number) {
            return attribute.setType(AttributeProto.AttributeType.FLOAT).setF(number).build();
        }
        if (value instanceof OnnxGraph branch) {
            return attribute.setType(AttributeProto.AttributeType.GRAPH).setG(branch.graph).build();
        }
        attribute.setType(AttributeProto.AttributeType.INTS);
        ((List<?>) value).forEach(number -> attribute.addInts((Long) number));
        return attribute.build();
    }

    /** x·Wᵀ for a matrix of shape [out, in]. */
    String linear(String x, String weight) {
        return node("Gemm", Map.of("transB", 1L), x, weight);
    }

    GraphProto build() {
        return graph.build();
    }
}
