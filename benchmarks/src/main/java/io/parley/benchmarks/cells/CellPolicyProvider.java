package io.parley.benchmarks.cells;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.parley.benchmarks.experiment.CellSpecification;
import io.parley.benchmarks.experiment.InputException;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Spi;
import io.parley.core.policy.Policy;
import io.parley.core.policy.PolicyFiles;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.task.CounterfactualProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;

/** Provides {@code cell}. */
public final class CellPolicyProvider implements PolicyProvider<CellPolicyProvider.Config> {
    /** Which cell. */
    public record Config(
            @JsonPropertyDescription("Required: the folder of a finished cell of a run; a relative path counts from the working "
                    + "folder.")
                    String path,
            @JsonPropertyDescription("SHA-256 of the cell's manifest; left out, it is what the cell has now. Another cell is "
                            + "refused.")
                    String sha256,
            @JsonPropertyDescription("Folder of the pretrained model that the cell was trained on; left out, where it lay then. "
                            + "Another model is refused.")
                    String base) {
        public Config {
            if (path == null || path.isBlank()) {
                throw new IllegalArgumentException("path is not given; name the folder of a finished cell");
            }
            Path folder = Path.of(path).toAbsolutePath().normalize();
            path = folder.toString();
            String found;
            try {
                CellPolicy.specification(folder);
                found = PolicyFiles.sha256(folder.resolve(CellFolder.MANIFEST));
            } catch (InputException e) {
                throw new ConfigurationException("path", e.getMessage(), e);
            } catch (IOException e) {
                throw new ConfigurationException("path", folder + " cannot be read: " + Failures.describe(e), e);
            }
            sha256 = sha256 == null ? found : sha256;
            if (!sha256.equals(found)) {
                throw new ConfigurationException("sha256", folder + " has " + found
                        + ", expected " + sha256 + ": it is another cell now");
            }
            base = base == null ? null : Path.of(base).toAbsolutePath().normalize().toString();
        }

        private Path place() {
            return base == null ? null : Path.of(base);
        }
    }

    @Override
    public String id() {
        return "cell";
    }

    @Override
    public String description() {
        return "The policy of a finished cell, as it was judged there; for experiments that judge it again.";
    }

    @Override
    public int spiVersion() {
        return Spi.VERSION;
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public void check(Config config, TextSpec text, PluginContext context) {
        CellSpecification cell = specification(config, text, context);
        PolicyProvider<?> judged = context.plugins().find(PolicyProvider.class, cell.policy().id());
        check(judged, cell.policy(), ownText(cell, context), context);
    }

    @Override
    public Policy create(Config config, TextSpec text, PluginContext context) {
        CellSpecification cell = specification(config, text, context);
        try {
            return CellPolicy.open(cell, Path.of(config.path()), context.plugins()).policy();
        } catch (InputException | IOException e) {
            throw new ConfigurationException("path", e.getMessage(), e);
        }
    }

    /** The cell, whose policy can read and write these texts. */
    private static CellSpecification specification(Config config, TextSpec text, PluginContext context) {
        Path folder = Path.of(config.path());
        CellSpecification cell;
        try {
            cell = CellPolicy.specification(folder, config.place(), context.plugins());
        } catch (InputException | IOException e) {
            throw new ConfigurationException(e.getCause() instanceof ConfigurationException ? "base" : "path", e.getMessage(), e);
        }
        String objection = objection(ownText(cell, context), text);
        if (objection != null) {
            throw new ConfigurationException("path", folder + " was trained for other texts: " + objection);
        }
        return cell;
    }

    /** The texts of a cell's task, with what its counterfactuals may say. */
    private static TextSpec ownText(CellSpecification cell, PluginContext context) {
        return CellPolicy.task(cell, context).text().withNotices(cell.counterfactuals().stream()
                .map(spec -> context.plugins().find(CounterfactualProvider.class, spec.id()).configured(spec, context).notice())
                .toList());
    }

    private static <C extends Record> void check(
            PolicyProvider<C> provider, PluginSpec spec, TextSpec text, PluginContext context) {
        provider.check(context.plugins().config(provider, spec), text, context);
    }

    /** Why a policy made for some texts cannot serve others; null if it can. */
    private static String objection(TextSpec own, TextSpec asked) {
        if (!own.format().equals(asked.format())) {
            return "its responses have another form";
        }
        HashSet<String> unknown = new HashSet<>(asked.words());
        own.words().forEach(unknown::remove);
        if (!unknown.isEmpty()) {
            return "it does not know the words " + unknown.stream().sorted().limit(5).toList();
        }
        if (asked.maxSystemWords() > own.maxSystemWords() || asked.maxDialogueWords() > own.maxDialogueWords()) {
            return "it reads up to " + own.maxSystemWords() + " words of the system and " + own.maxDialogueWords()
                    + " of the dialogue, and the task has " + asked.maxSystemWords() + " and " + asked.maxDialogueWords();
        }
        return null;
    }
}
