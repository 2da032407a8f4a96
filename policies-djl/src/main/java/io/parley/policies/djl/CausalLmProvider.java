package io.parley.policies.djl;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.parley.checkpoints.AdapterBase;
import io.parley.checkpoints.ChatTemplate;
import io.parley.checkpoints.ChatTokens;
import io.parley.checkpoints.Checkpoint;
import io.parley.checkpoints.DecoderConfig;
import io.parley.checkpoints.LoraAdapter;
import io.parley.checkpoints.LoraConfig;
import io.parley.checkpoints.Projection;
import io.parley.checkpoints.TrainedModel;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.policy.PolicyFiles;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.policy.TrainablePolicy;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** {@code causal-lm}: a pretrained language model from a folder as Hugging Face publishes it. */
public final class CausalLmProvider implements PolicyProvider<CausalLmProvider.Config> {
    static final String ID = TrainedModel.POLICY;
    /** Tokens that are left for a prompt: one that begins a message, one that is said, and one that begins the response. */
    private static final int SHORTEST_PROMPT = 3;

    /** Bytes of a parameter where training is kept: itself and AdamW's two moments in float32. */
    private static final long STATE = 3 * Float.BYTES;

    /** What is trained: low-rank adapters on frozen weights, or every weight. */
    public enum Train { LORA, FULL }

    /** A pretrained model and what is trained of it. A component that is null gets its default. */
    public record Config(
            @JsonPropertyDescription("Required: the folder of the model, with config.json, model.safetensors or shards, "
                            + "tokenizer.json, chat template.")
                    String path,
            @JsonPropertyDescription("Folder of a PEFT adapter that training begins with; rank, alpha, rankStabilised, "
                            + "targetModules and layers are its own and left out then. Left out, new ones that change nothing at "
                            + "first.")
                    String adapter,
            @JsonPropertyDescription("Identity of what both folders hold; left out, it is what they hold now. Others are "
                            + "refused.")
                    String sha256,
            @JsonPropertyDescription("System prompt: words that begin the system message of every prompt, such as what to do "
                            + "and how answers may read; left out, none: the task's own words alone.")
                    String instructions,
            @JsonPropertyDescription("Variables that the model's chat template asks for, such as {enable_thinking: false} for "
                            + "Qwen3 (chat_template_kwargs elsewhere): true, false, whole numbers and texts. Left out, none.")
                    Map<String, Object> template,
            @JsonPropertyDescription("What is trained: lora (adapters; the default) or full (every weight, and no adapter: its "
                            + "keys are left out then).")
                    Train train,
            @JsonPropertyDescription("Rank of new adapters (r in PEFT), at least 1; default 16.") Integer rank,
            @JsonPropertyDescription("New adapters are scaled by alpha / rank (lora_alpha in PEFT); above 0, default 32.")
                    Double alpha,
            @JsonPropertyDescription("Share of an adapter's inputs that is dropped in updates (lora_dropout in PEFT), from 0 to "
                            + "below 1; default 0, or what adapter says. Above 0, the ratio of PPO is noisy: sampling drops "
                            + "nothing. Linear modules that read one input drop the same numbers of it, unlike in PEFT.")
                    Double dropout,
            @JsonPropertyDescription("Whether alpha is divided by the root of rank instead (use_rslora in PEFT); default false.")
                    Boolean rankStabilised,
            @JsonPropertyDescription("Linear modules of a layer that get new adapters (target_modules in PEFT); default all "
                            + "seven.")
                    List<String> targetModules,
            @JsonPropertyDescription("Only the last so many layers get new adapters (layers_to_transform in PEFT); left out, "
                            + "all. What lies below them is computed once for the policy, the reference and every epoch.")
                    Integer layers,
            @JsonPropertyDescription("Numbers of products, and of the weights and adapters that are their factors: float32 (the "
                            + "default) or bfloat16. What is trained is held and stepped in float32 either way; softmax and "
                            + "log-probabilities are float32 too.")
                    Precision precision,
            @JsonPropertyDescription("Most tokens of a prompt and its response together, at least 8; older rounds are dropped "
                            + "from longer dialogues. Default 2048, at most what the model was made for.")
                    Integer context,
            @JsonPropertyDescription("Most tokens of a response, at least 2; default twice the task's words.")
                    Integer maxResponse,
            @JsonPropertyDescription("Tokens of one pass with gradients, at least 64; longer batches are cut and their gradients "
                            + "added, but rounds of one dialogue stay together. Default 1024.")
                    Integer maxTokensPerForward) {
        private static final int CONTEXT = 2048;

        public Config {
            if (path == null || path.isBlank()) {
                throw new IllegalArgumentException(
                        "path is missing: the folder of the model, with config.json and model.safetensors");
            }
            path = folder("path", path).toString();
            adapter = adapter == null ? null : folder("adapter", adapter).toString();
            String found = identity(path, adapter);
            sha256 = sha256 == null ? found : sha256;
            if (!sha256.equals(found)) {
                throw new ConfigurationException("sha256", path + (adapter == null ? "" : " with " + adapter) + " is " + found
                        + ", expected " + sha256 + ": it is another model now");
            }
            instructions = instructions == null ? "" : instructions.strip();
            template = template == null ? new TreeMap<>() : new TreeMap<>(template);
            template.values().removeIf(Objects::isNull);
            template = template.isEmpty() ? null : Collections.unmodifiableMap(template);
            train = train == null ? Train.LORA : train;
            if (train == Train.FULL && adapter != null) {
                throw new ConfigurationException("train", "full trains every weight, and " + adapter + " is trained by lora: "
                        + "leave train out, or merge the adapter first (merge_and_unload of PEFT) and name that folder as path");
            }
            if (train == Train.FULL) {
                refuse("dropout", dropout, null);
            }
            if (train == Train.FULL || adapter != null) {
                refuse("rank", rank, adapter);
                refuse("alpha", alpha, adapter);
                refuse("rankStabilised", rankStabilised, adapter);
                refuse("targetModules", targetModules, adapter);
                refuse("layers", layers, adapter);
            } else {
                rank = rank == null ? 16 : rank;
                alpha = alpha == null ? 32 : alpha;
                dropout = dropout == null ? 0 : dropout;
                rankStabilised = rankStabilised != null && rankStabilised;
                targetModules = targetModules != null ? List.copyOf(targetModules)
                        : Arrays.stream(Projection.values()).map(Projection::shortName).toList();
            }
            precision = precision == null ? Precision.FLOAT32 : precision;
            maxTokensPerForward = maxTokensPerForward == null ? 1024 : maxTokensPerForward;
            if (rank != null && rank < 1) {
                throw new IllegalArgumentException("rank is " + rank + "; at least 1");
            }
            if (alpha != null && (!(alpha > 0) || Double.isInfinite(alpha))) {
                throw new IllegalArgumentException("alpha is " + alpha + "; a finite number above 0");
            }
            if (dropout != null && !(dropout >= 0 && dropout < 1)) {
                throw new IllegalArgumentException("dropout is " + dropout + "; at least 0 and below 1");
            }
            if (layers != null && layers < 1) {
                throw new IllegalArgumentException("layers is " + layers + "; at least 1, counted from the last");
            }
            if (context != null && context < 8) {
                throw new IllegalArgumentException("context is " + context + "; at least 8");
            }
            if (maxResponse != null && maxResponse < 2) {
                throw new IllegalArgumentException("maxResponse is " + maxResponse + "; at least 2");
            }
            if (maxTokensPerForward < 64) {
                throw new IllegalArgumentException("maxTokensPerForward is " + maxTokensPerForward + "; at least 64");
            }
        }

        private static Path folder(String key, String path) {
            Path folder = Path.of(path).toAbsolutePath().normalize();
            if (!Files.isDirectory(folder)) {
                throw new ConfigurationException(key, "there is no folder " + folder);
            }
            return folder;
        }

        /** A key of new adapters where there are none: it would be recorded, and change nothing. */
        private static void refuse(String key, Object given, String adapter) {
            if (given != null) {
                throw new ConfigurationException(key, "found " + given + ", which is for new adapters, and " + (adapter == null
                        ? "train: full makes none; leave " + key + " out, or set train: lora"
                        : adapter + " says its own; leave " + key + " out, or leave adapter out"));
            }
        }

        private static String identity(String path, String adapter) {
            String model = readable("path", path, Checkpoint::identity);
            return adapter == null ? model
                    : PolicyFiles.sha256((model + readable("adapter", adapter, LoraAdapter::identity)).getBytes(UTF_8));
        }

        int context(DecoderConfig decoder) {
            return context == null ? Math.min(CONTEXT, decoder.context()) : context;
        }
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public String description() {
        return "Pretrained language model from a Hugging Face folder, trained by LoRA or in full.";
    }

    @Override
    public int spiVersion() {
        return Spi.VERSION;
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    private interface Reader<T> {
        T read(Path folder) throws IOException;
    }

    /** What a folder holds, or what is wrong with it, at the key that names it. */
    private static <T> T readable(String key, String folder, Reader<T> reader) {
        try {
            return reader.read(Path.of(folder));
        } catch (AccessDeniedException e) {
            throw new ConfigurationException(key, e.getFile() + " cannot be read: permission denied", e);
        } catch (IOException | IllegalArgumentException e) {
            throw new ConfigurationException(key, e.getMessage(), e);
        }
    }

    /**
     * All that the folders say.
     *
     * @param lora null to train all weights
     * @param adapter null for new adapters, or none
     */
    private record Opened(Checkpoint checkpoint, ChatTokens tokens, LoraConfig lora, LoraAdapter adapter) {}

    /** Maps the weights of a model and of its adapter; those of a model are read where its adapter has a hash of its base. */
    private static Opened open(Config config, TextSpec text) {
        if (!(text.format() instanceof ResponseFormat.FreeText free)) {
            throw new ConfigurationException("id", "causal-lm answers in words, and this task wants choices out of lists: give "
                    + "the task press: full");
        }
        Checkpoint checkpoint = readable("path", config.path(), Checkpoint::open);
        if (config.train() == Train.FULL) {
            requireStateFits(checkpoint.config());
        }
        int maxResponse = config.maxResponse() == null ? 2 * free.maxTokens() : config.maxResponse();
        int length = config.context(checkpoint.config());
        if (length > checkpoint.config().context()) {
            throw new ConfigurationException("context", "the context is " + length + "; the model was made for "
                    + checkpoint.config().context());
        }
        if (length < maxResponse + SHORTEST_PROMPT) {
            throw new ConfigurationException(config.context() == null ? "maxResponse" : "context", "a context of " + length
                    + " tokens has no room for a prompt and a response of " + maxResponse + "; at least " + SHORTEST_PROMPT
                    + " more than maxResponse");
        }
        Map<String, Object> variables = config.template() == null ? Map.of() : config.template();
        if (!variables.isEmpty()) {
            readable("template", config.path(), folder -> ChatTemplate.read(folder, variables));
        }
        ChatTokens tokens = readable("path", config.path(), folder -> {
            ChatTokens read = ChatTokens.open(folder, maxResponse, config.instructions(), variables);
            read.requireFits(checkpoint.config().vocabulary());
            return read;
        });
        LoraAdapter adapter = config.adapter() == null ? null
                : readable("adapter", config.adapter(), folder -> LoraAdapter.read(folder, checkpoint));
        return new Opened(checkpoint, tokens, config.train() == Train.FULL ? null
                : adapter != null ? own(adapter.config(), config.dropout()) : lora(config, checkpoint.config()), adapter);
    }

    /** A training that could not be kept would end in its first checkpoint, or in the end. */
    static void requireStateFits(DecoderConfig decoder) {
        long parameters = decoder.hidden() + 1; // of the value head
        for (long[] shape : decoder.expectedTensors().values()) {
            parameters += Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        }
        if (STATE * parameters > Integer.MAX_VALUE) {
            throw new ConfigurationException("train", String.format(Locale.ROOT, "full trains every weight, and this model has "
                    + "%,d with the value head: with two moments of each, all in float32, a state of training has %,d bytes, and "
                    + "at most %,d can be kept; train adapters instead: leave train out, and rank says how large they are",
                    parameters, STATE * parameters, Integer.MAX_VALUE));
        }
    }

    @Override
    public void check(Config config, TextSpec text, PluginContext context) {
        open(config, text);
    }

    @Override
    public List<String> notes(Config config) {
        return config.adapter() == null ? List.of()
                : AdapterBase.note(Path.of(config.adapter()), Path.of(config.path())).stream().toList();
    }

    @Override
    public TrainablePolicy create(Config config, TextSpec text, PluginContext context) {
        Opened opened = open(config, text);
        return readable("path", config.path(), folder -> new NetworkPolicy(CausalLmNetwork.create(config, opened.checkpoint(),
                opened.tokens(), opened.lora(), opened.adapter(), context.streams().stream("lora", 0, 0, 0))));
    }

    /** @param dropout in place of the adapter's; null for the adapter's */
    private static LoraConfig own(LoraConfig adapter, Double dropout) {
        return dropout == null ? adapter : new LoraConfig(adapter.rank(), adapter.alpha(), dropout, adapter.targetModules(),
                adapter.rankStabilised(), adapter.layers());
    }

    private static LoraConfig lora(Config config, DecoderConfig decoder) {
        int last = config.layers() == null ? decoder.layers() : config.layers();
        if (last > decoder.layers()) {
            throw new ConfigurationException("layers", "layers is " + last + "; the model has " + decoder.layers());
        }
        List<Integer> layers = last == decoder.layers() ? List.of()
                : IntStream.range(decoder.layers() - last, decoder.layers()).boxed().toList();
        try {
            LoraConfig lora = new LoraConfig(
                    config.rank(), config.alpha(), config.dropout(), config.targetModules(), config.rankStabilised(), layers);
            lora.modules(decoder);
            return lora;
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("targetModules", e.getMessage());
        }
    }
}
