package io.parley.policies.djl;

import ai.djl.ndarray.NDArray;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.PluginContext;
import io.parley.core.policy.OptimizerConfig;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.policy.UpdateScope;
import java.lang.management.ManagementFactory;
import java.util.List;

/** Rows a second of the MLP in sampling, scoring and a PPO-like update; run by hand. */
final class MlpBench {
    private MlpBench() {}

    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    public static void main(String[] args) {
        int rows = 8192;
        int batch = args.length > 0 ? Integer.parseInt(args[0]) : 1024;
        TextSpec text = Fixtures.choices(80, 25, 50, Fixtures.stances(4));
        int units = args.length > 2 ? Integer.parseInt(args[2]) : 256;
        TrainablePolicy policy = new MlpProvider()
                .create(new MlpProvider.Config(List.of(units, units), null), text, PluginContext.standalone(1));
        policy.configureOptimizer(OptimizerConfig.adam());
        List<Prompt> prompts = Fixtures.prompts(text, rows, 3);
        for (int i = 0; i < (args.length > 1 ? Integer.parseInt(args[1]) : 6); i++) {
            List<Prompt> fresh = Fixtures.prompts(text, rows, 3);
            long t0 = cpu();
            policy.sample(fresh, SamplingConfig.standard().withValues(), Fixtures.streams(rows, i));
            long t1 = cpu();
            List<Response> responses = policy.sample(prompts, SamplingConfig.standard().withValues(), Fixtures.streams(rows, i));
            long t2 = cpu();
            Scores reference = policy.score(prompts, responses, ScoreRequest.logProbs());
            long t3 = cpu();
            long score = 0;
            long backward = 0;
            long step = 0;
            int updates = 0;
            for (int epoch = 0; epoch < 4; epoch++) {
                for (int from = 0; from < rows; from += batch) {
                    List<Prompt> p = prompts.subList(from, from + batch);
                    List<Response> r = responses.subList(from, from + batch);
                    float[][] old = new float[batch][];
                    float[][] advantage = new float[batch][4];
                    for (int k = 0; k < batch; k++) {
                        old[k] = r.get(k).logProbs();
                        for (int t = 0; t < 4; t++) {
                            advantage[k][t] = reference.logProbs()[from + k][t] + 1;
                        }
                    }
                    try (UpdateScope scope = policy.beginUpdate()) {
                        long a = cpu();
                        ScoreArrays s = scope.score(p, r, ScoreRequest.logProbs().withValues().withEntropy());
                        long b = cpu();
                        NDArray ratio = s.logProbs().sub(scope.array(old, 4)).exp();
                        NDArray adv = scope.array(advantage, 4);
                        NDArray surrogate = ratio.mul(adv).minimum(ratio.clip(0.8, 1.2).mul(adv)).mean().neg();
                        NDArray loss = surrogate.add(s.values().sub(adv).square().mean().mul(0.5))
                                .sub(s.entropy().mean().mul(0.01));
                        scope.backward(loss);
                        long c = cpu();
                        scope.step(1e-3);
                        long d = cpu();
                        score += b - a;
                        backward += c - b;
                        step += d - c;
                        updates++;
                    }
                }
            }
            long t4 = cpu();
            System.out.printf("rows/s: sample fresh %.0f, sample %.0f, score %.0f, update %.0f; "
                    + "ms a mini-batch of %d: score %.2f backward %.2f step %.2f%n",
                    rows * 1e9 / (t1 - t0), rows * 1e9 / (t2 - t1), rows * 1e9 / (t3 - t2), 4 * rows * 1e9 / (t4 - t3), batch,
                    score / 1e6 / updates, backward / 1e6 / updates, step / 1e6 / updates);
        }
        policy.close();
    }
}
