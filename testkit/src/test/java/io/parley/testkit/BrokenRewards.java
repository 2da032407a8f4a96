package io.parley.testkit;

import io.parley.core.plugin.PluginContext;
import io.parley.core.training.RewardFunction;
import io.parley.core.training.RewardFunctionProvider;
import java.util.concurrent.atomic.AtomicInteger;

/** Reward functions that break what a reward function promises. */
final class BrokenRewards {
    private BrokenRewards() {}

    abstract static class Contract extends RewardContract {
        @Override
        protected PluginContext context(long seed) {
            return Lone.context(seed, RewardFunctionProvider.class, provider());
        }
    }

    public static final class Dividing extends BrokenProviders.Good {
        @Override
        public RewardFunction create(BrokenProviders.Scale config, PluginContext context) {
            return (prompt, response, parts) -> 1 / parts.get("own");
        }
    }

    @Breaks("rewardsAreFinite")
    static class Infinite extends Contract {
        @Override
        protected RewardFunctionProvider<?> provider() {
            return new Dividing();
        }
    }

    public static final class Fading extends BrokenProviders.Good {
        @Override
        public RewardFunction create(BrokenProviders.Scale config, PluginContext context) {
            AtomicInteger asked = new AtomicInteger();
            return (prompt, response, parts) -> parts.get("own") / asked.incrementAndGet();
        }
    }

    @Breaks("theSameTurnEarnsTheSame")
    static class Counting extends Contract {
        @Override
        protected RewardFunctionProvider<?> provider() {
            return new Fading();
        }
    }
}
