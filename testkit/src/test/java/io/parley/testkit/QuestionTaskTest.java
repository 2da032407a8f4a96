package io.parley.testkit;

import io.parley.core.plugin.NoConfig;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.task.QuestionTask;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.core.task.TaskProvider;
import java.util.List;
import java.util.random.RandomGenerator;

/** A task of which only the questions were written keeps the whole contract. */
class QuestionTaskTest extends TaskContract {
    private static final List<String> SIDES = List.of("head", "tail", "edge");

    /** Which sides of two coins are up? Each of the nine answers belongs to one split. */
    public static class Coins implements TaskProvider<NoConfig> {
        @Override
        public String id() {
            return "test-coins";
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
        public Class<NoConfig> configType() {
            return NoConfig.class;
        }

        @Override
        public Task create(NoConfig config, PluginContext context) {
            return new QuestionTask("coins", 3, List.of(SIDES, SIDES), List.of("which", "up", "shows")) {
                @Override
                protected Question ask(Split split, RandomGenerator random) {
                    int sides;
                    do {
                        sides = random.nextInt(9);
                    } while (!belongs(sides, split));
                    List<String> up = List.of(SIDES.get(sides / 3), SIDES.get(sides % 3));
                    return new Question("which up", "shows " + String.join(" ", up), random.nextBoolean(), up);
                }
            };
        }

        boolean belongs(int sides, Split split) {
            return sides % Split.values().length == split.ordinal();
        }
    }

    @Override
    protected TaskProvider<?> provider() {
        return new Coins();
    }
}
