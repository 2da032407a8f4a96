package io.parley.testkit;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.training.RewardFunction;
import io.parley.core.training.RewardFunctionProvider;
import java.util.List;
import java.util.Map;

/** Reward functions whose providers break what every provider promises. */
final class BrokenProviders {
    private BrokenProviders() {}

    public record Scale(@JsonPropertyDescription("Factor, at least 0.") Double factor) {
        public Scale {
            factor = factor == null ? 1.0 : factor;
            if (!(factor >= 0)) {
                throw new IllegalArgumentException("factor is " + factor + "; at least 0");
            }
        }
    }

    /** Nothing is wrong with it. */
    public abstract static class Base<C extends Record> implements RewardFunctionProvider<C> {
        private final Class<C> configType;

        Base(Class<C> configType) {
            this.configType = configType;
        }

        @Override
        public String id() {
            return "fixture";
        }

        @Override
        public String description() {
            return "For tests.";
        }

        @Override
        public int spiVersion() {
            return Spi.VERSION;
        }

        @Override
        public Class<C> configType() {
            return configType;
        }

        @Override
        public RewardFunction create(C config, PluginContext context) {
            return (prompt, response, parts) -> parts.getOrDefault("own", 0.0);
        }
    }

    public static class Good extends Base<Scale> {
        public Good() {
            super(Scale.class);
        }
    }

    abstract static class Contract extends RewardContract {
        @Override
        protected PluginContext context(long seed) {
            return Lone.context(seed, RewardFunctionProvider.class, provider());
        }
    }

    static class GoodOne extends Contract {
        @Override
        protected RewardFunctionProvider<?> provider() {
            return new Good();
        }

        @Override
        protected List<Map<String, Object>> refused() {
            return List.of(Map.of("factor", -1), Map.of("factor", "much"));
        }
    }

    public static final class Counter extends Good {
        @SuppressWarnings("unused")
        private int made;
    }

    @Breaks("providerIsPublicAndKeepsNoState")
    static class WithAField extends Contract {
        @Override
        protected RewardFunctionProvider<?> provider() {
            return new Counter();
        }
    }

    @Breaks("providerIsFoundByServiceLoader")
    static class Unregistered extends RewardContract {
        @Override
        protected RewardFunctionProvider<?> provider() {
            return new Good();
        }
    }

    public static final class Shouting extends Good {
        @Override
        public String id() {
            return "My_Reward";
        }
    }

    @Breaks("idIsLowerCaseWordsJoinedByHyphens")
    static class WithAnotherId extends Contract {
        @Override
        protected RewardFunctionProvider<?> provider() {
            return new Shouting();
        }
    }

    public static final class Silent extends Good {
        @Override
        public String description() {
            return "";
        }
    }

    @Breaks("descriptionIsOneLine")
    static class WithoutADescription extends Contract {
        @Override
        protected RewardFunctionProvider<?> provider() {
            return new Silent();
        }
    }

    public static final class Old extends Good {
        @Override
        public int spiVersion() {
            return Spi.VERSION - 1;
        }
    }

    /** What is of another version is not loaded at all, so it is looked up where it is not named. */
    @Breaks("versionIsTheOneCompiledAgainst")
    static class OfAnotherVersion extends Contract {
        @Override
        protected RewardFunctionProvider<?> provider() {
            return new Old();
        }

        @Override
        void providerIsFoundByServiceLoader() {}
    }

    public record Bare(Double factor) {
        public Bare {
            factor = new Scale(factor).factor();
        }
    }

    public static final class Undescribed extends Base<Bare> {
        public Undescribed() {
            super(Bare.class);
        }
    }

    @Breaks("everyKeyHasADescription")
    static class WithoutDescriptions extends Contract {
        @Override
        protected RewardFunctionProvider<?> provider() {
            return new Undescribed();
        }
    }

    public record Secret(
            @JsonPropertyDescription("Factor.") @JsonProperty(access = JsonProperty.Access.WRITE_ONLY) Integer factor) {
        public Secret {
            factor = factor == null ? 1 : factor;
        }
    }

    public static final class Secretive extends Base<Secret> {
        public Secretive() {
            super(Secret.class);
        }
    }

    @Breaks("configurationMeansTheSameWhenReadAgain")
    static class Forgetful extends Contract {
        @Override
        protected RewardFunctionProvider<?> provider() {
            return new Secretive();
        }

        @Override
        protected Map<String, Object> configuration() {
            return Map.of("factor", 2);
        }
    }

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Lax(@JsonPropertyDescription("Factor.") Double factor) {
        public Lax {
            factor = new Scale(factor).factor();
        }
    }

    public static final class Tolerant extends Base<Lax> {
        public Tolerant() {
            super(Lax.class);
        }
    }

    @Breaks("unknownKeysAreRefused")
    static class WithUnknownKeys extends Contract {
        @Override
        protected RewardFunctionProvider<?> provider() {
            return new Tolerant();
        }
    }

    public record Unchecked(@JsonPropertyDescription("Factor, at least 0.") Double factor) {
        public Unchecked {
            factor = factor == null ? 1.0 : factor;
            // NaN < 0 is false.
            if (factor < 0) {
                throw new IllegalArgumentException("factor is " + factor + "; at least 0");
            }
        }
    }

    public static final class Careless extends Base<Unchecked> {
        public Careless() {
            super(Unchecked.class);
        }
    }

    @Breaks("numbersThatAreNoneAreRefused")
    static class WithNaN extends Contract {
        @Override
        protected RewardFunctionProvider<?> provider() {
            return new Careless();
        }
    }

    @Breaks("refusesWhatItMust")
    static class WithANegativeFactor extends Contract {
        @Override
        protected RewardFunctionProvider<?> provider() {
            return new Good();
        }

        @Override
        protected List<Map<String, Object>> refused() {
            return List.of(Map.of("factor", -1), Map.of("factor", 1e9));
        }
    }
}
