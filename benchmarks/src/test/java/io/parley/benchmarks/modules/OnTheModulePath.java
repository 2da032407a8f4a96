package io.parley.benchmarks.modules;

import io.parley.benchmarks.experiment.PluginKind;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Plugins;
import io.parley.core.plugin.Provider;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.InterventionAgentProvider;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.core.task.TaskProvider;
import io.parley.core.training.AlgorithmProvider;
import io.parley.core.training.TrainingContext;
import java.io.IOException;
import java.lang.module.ModuleReader;
import java.lang.module.ResolvedModule;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Runs with every jar on the module path, in a JVM of its own: prints {@code module NAME} for each of Parley's modules
 * whose classes all link, {@code provider MODULE KIND ID} for each provider that ServiceLoader finds in a module, and
 * {@code policy ID} for each policy that could be trained by {@code ppo} and asked again.
 */
public final class OnTheModulePath {
    private OnTheModulePath() {}

    /** @param args ids of policies to train */
    public static void main(String[] args) throws IOException {
        for (ResolvedModule module : ModuleLayer.boot().configuration().modules()) {
            if (module.name().startsWith("io.parley.")) {
                link(module);
                System.out.println("module " + module.name());
            }
        }
        PluginContext context = PluginContext.standalone(1);
        Plugins plugins = context.plugins();
        for (PluginKind kind : PluginKind.values()) {
            for (Provider<?> provider : plugins.all(kind.type())) {
                System.out.println("provider " + provider.getClass().getModule().getName() + " " + kind.label() + " "
                        + provider.id());
            }
        }
        Task task = plugins.find(TaskProvider.class, "wason").configured(PluginSpec.of("wason"), context);
        InterventionAgent partner = plugins.find(InterventionAgentProvider.class, "mixed")
                .configured(PluginSpec.of("mixed"), context);
        for (String id : args) {
            PluginSpec spec = PluginSpec.of(id);
            try (var policy = (TrainablePolicy) plugins.find(PolicyProvider.class, id).configured(spec, task.text(), context)) {
                PluginSpec ppo = PluginSpec.of("ppo", Map.of("rolloutEpisodes", 20, "epochs", 1));
                plugins.find(AlgorithmProvider.class, "ppo").configured(ppo, context).train(new TrainingContext(task, partner,
                        (prompt, response, parts) -> parts.get("own"), 80, List.of(), context.streams(), (n, metrics) -> {},
                        () -> false), policy);
                var prompts = task.begin(new EpisodeRequest(Split.TEST, 0, 1, partner, new RandomStreams(2))).prompts();
                policy.sample(prompts, SamplingConfig.standard(), List.of(context.streams().stream("sample", 0, 0, 0)));
                System.out.println("policy " + id);
            }
        }
    }

    /** Resolves every type that the classes of a module name in fields and methods. */
    private static void link(ResolvedModule module) throws IOException {
        ClassLoader loader = ModuleLayer.boot().findLoader(module.name());
        try (ModuleReader reader = module.reference().open(); Stream<String> names = reader.list()) {
            for (String name : names.filter(n -> n.endsWith(".class") && !n.contains("-info")).sorted().toList()) {
                try {
                    Class<?> type = Class.forName(name.substring(0, name.length() - 6).replace('/', '.'), false, loader);
                    type.getDeclaredFields();
                    type.getDeclaredMethods();
                    type.getDeclaredConstructors();
                    if (type.getModule() != ModuleLayer.boot().findModule(module.name()).orElseThrow()) {
                        throw new IllegalStateException(type + " is in " + type.getModule() + ", not in module " + module.name());
                    }
                } catch (ClassNotFoundException | LinkageError e) {
                    throw new IllegalStateException(name + " of module " + module.name() + " does not link: " + e, e);
                }
            }
        }
    }
}
