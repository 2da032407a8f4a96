package io.parley.policies.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.ChatMessage;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.policy.OptimizerConfig;
import io.parley.core.policy.Policy;
import io.parley.core.policy.PolicyFiles;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.policy.UpdateScope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** A {@link Network} as a policy that can be trained, and frozen copies of it. Closes its network. */
final class NetworkPolicy implements TrainablePolicy {
    /** Begins the names of the optimiser's arrays. */
    private static final String OPTIMIZER = "optimizer.";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Frozen current;
    private final Network network;
    private AdamW optimizer;

    NetworkPolicy(Network network) {
        this.network = network;
        this.current = new Frozen(network);
    }

    /**
     * The network behind a policy of this module.
     *
     * @return null for a policy of another kind
     */
    static Network networkOf(Policy policy) {
        if (policy instanceof NetworkPolicy trainable) {
            return trainable.network;
        }
        return policy instanceof Frozen frozen ? frozen.network : null;
    }

    static void requireRows(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
        requireSameSize(prompts, responses);
        for (ScoreRequest.Divergence divergence : request.divergences()) {
            requireSameSize(prompts, divergence.targetPrompts());
        }
    }

    static void requireSameSize(List<?> prompts, List<?> others) {
        if (prompts.size() != others.size()) {
            throw new IllegalArgumentException(prompts.size() + " prompts and " + others.size() + " rows beside them; one each");
        }
    }

    @Override
    public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling, List<? extends RandomGenerator> streams) {
        return current.sample(prompts, sampling, streams);
    }

    @Override
    public Scores score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
        return current.score(prompts, responses, request);
    }

    @Override
    public List<Prompt> fit(List<Prompt> versions) {
        return network.fit(versions);
    }

    @Override
    public List<ChatMessage> chat(Prompt prompt) {
        return network.chat(prompt);
    }

    @Override
    public void configureOptimizer(OptimizerConfig config) {
        current.requireOpen();
        closeOptimizer();
        optimizer = new AdamW(config);
    }

    @Override
    public UpdateScope beginUpdate() {
        current.requireOpen();
        return new NetworkUpdate(network, requireOptimizer());
    }

    @Override
    public List<int[]> microBatches(List<Prompt> prompts, List<Response> responses) {
        requireSameSize(prompts, responses);
        return network.microBatches(prompts, responses);
    }

    @Override
    public int[] responseLengths(List<Prompt> prompts, List<Response> responses) {
        requireSameSize(prompts, responses);
        return responses.stream().mapToInt(network::length).toArray();
    }

    @Override
    public Policy snapshot() {
        current.requireOpen();
        return new Frozen(network.copy());
    }

    @Override
    public long parameterCount() {
        return network.parameterCount();
    }

    @Override
    public void save(Path folder) throws IOException {
        current.requireOpen();
        try (NDManager scratch = network.parameters().manager().newSubManager()) {
            ObjectNode about = network.description().deepCopy().setAll(network.remarks());
            PolicyFiles.write(folder, network.id(), about, network.toFile(scratch), network.tokenizer());
        }
    }

    /** {@inheritDoc} The optimiser is forgotten. */
    @Override
    public void load(Path folder) throws IOException {
        current.requireOpen();
        try (NDManager scratch = network.parameters().manager().newSubManager()) {
            Map<String, NDArray> arrays = PolicyFiles.read(folder, network.id(), network.description(), scratch).arrays();
            try {
                network.fromFile(arrays);
            } catch (IOException e) {
                throw new IOException(folder.resolve(PolicyFiles.PARAMETERS) + ": " + e.getMessage(), e);
            }
        }
        network.parametersChanged();
        closeOptimizer();
    }

    @Override
    public void saveState(Path folder) throws IOException {
        current.requireOpen();
        try (NDManager scratch = network.parameters().manager().newSubManager()) {
            Map<String, NDArray> arrays = new LinkedHashMap<>(network.toFile(scratch));
            requireOptimizer().toFile(network, scratch).forEach((name, array) -> arrays.put(OPTIMIZER + name, array));
            PolicyFiles.write(folder, network.id(), stateDescription(), arrays, network.tokenizer());
        }
    }

    @Override
    public void loadState(Path folder) throws IOException {
        current.requireOpen();
        try (NDManager scratch = network.parameters().manager().newSubManager()) {
            Map<String, NDArray> arrays =
                    new LinkedHashMap<>(PolicyFiles.read(folder, network.id(), stateDescription(), scratch).arrays());
            Map<String, NDArray> moments = new LinkedHashMap<>();
            for (String name : List.copyOf(arrays.keySet())) {
                if (name.startsWith(OPTIMIZER)) {
                    moments.put(name.substring(OPTIMIZER.length()), arrays.remove(name));
                }
            }
            try {
                network.fromFile(arrays);
            } catch (IOException e) {
                throw new IOException(folder.resolve(PolicyFiles.PARAMETERS) + ": " + e.getMessage(), e);
            }
            optimizer.fromFile(network, arrays, moments, scratch);
        }
        network.parametersChanged();
    }

    private ObjectNode stateDescription() {
        return network.description().deepCopy().set("optimizer", JSON.valueToTree(requireOptimizer().config()));
    }

    private AdamW requireOptimizer() {
        if (optimizer == null) {
            throw new IllegalStateException(
                    "no optimiser: call configureOptimizer before the first update, and again after load");
        }
        return optimizer;
    }

    private void closeOptimizer() {
        if (optimizer != null) {
            optimizer.close();
            optimizer = null;
        }
    }

    @Override
    public void close() {
        closeOptimizer();
        current.close();
    }

    /** A network that nobody trains. */
    private static final class Frozen implements Policy {
        private final Network network;
        private boolean closed;

        Frozen(Network network) {
            this.network = network;
        }

        void requireOpen() {
            if (closed) {
                throw new IllegalStateException("this policy is closed");
            }
        }

        @Override
        public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling, List<? extends RandomGenerator> streams) {
            requireOpen();
            requireSameSize(prompts, streams);
            return network.sample(prompts, sampling, streams);
        }

        @Override
        public Scores score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
            requireOpen();
            requireRows(prompts, responses, request);
            return network.score(prompts, responses, request);
        }

        @Override
        public List<Prompt> fit(List<Prompt> versions) {
            return network.fit(versions);
        }

        @Override
        public List<ChatMessage> chat(Prompt prompt) {
            return network.chat(prompt);
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                network.close();
            }
        }
    }
}
