package io.parley.tasks.replay;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.policy.PolicyFiles;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Intervention;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.InterventionAgentProvider;
import io.parley.core.task.PartnerView;
import io.parley.tasks.scoring.DeliData;
import io.parley.tasks.scoring.DeliData.Probing;
import io.parley.tasks.wason.Part;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * {@code replay}: the probing messages of the DeliData corpus (Karadzhov, Stafford and Vlachos, CSCW 2023), said where a group
 * stands as the people's did. A state is what the majority selects, mapped to parts, and the third of the dialogue. The partner
 * draws uniformly from the messages of the state; where there are none, from those of the same majority in the nearest third, the
 * earlier of two; where no group of people stood there, it is silent. It suggests what the writer selected, and asks rather than
 * asserts: its tone is hesitant. Its words are those of the corpus, which name the cards of another instance.
 */
public final class Replay implements InterventionAgentProvider<Replay.Config> {
    private static final int THIRDS = 3;

    /** Where the corpus is. */
    public record Config(
            @JsonPropertyDescription("Required: the folder of DeliData files as published, one a group; a relative path counts "
                    + "from the working folder.") String path,
            @JsonPropertyDescription("SHA-256 of the files' contents in the order of their names; left out, it is what they "
                    + "have now. Other files are refused.") String sha256) {
        public Config {
            if (path == null || path.isBlank()) {
                throw new IllegalArgumentException("path is not given; name the folder of the DeliData corpus, one file a group");
            }
            Path folder = Path.of(path).toAbsolutePath().normalize();
            if (!Files.isDirectory(folder)) {
                throw new ConfigurationException("path", "there is no folder " + folder);
            }
            path = folder.toString();
            StringBuilder hashes = new StringBuilder();
            files(folder).forEach(file -> hashes.append(PolicyFiles.sha256(read(file))));
            String found = PolicyFiles.sha256(hashes.toString().getBytes(StandardCharsets.UTF_8));
            sha256 = sha256 == null ? found : sha256;
            if (!sha256.equals(found)) {
                throw new ConfigurationException("sha256", "the files in " + folder + " have " + found + ", expected " + sha256
                        + ": they are others now");
            }
        }
    }

    @Override
    public String id() {
        return "replay";
    }

    @Override
    public String description() {
        return "Says what people said in groups that stood at the same point; for wason.";
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
    public InterventionAgent create(Config config, PluginContext context) {
        Path folder = Path.of(config.path());
        Map<String, List<List<Probing>>> said = new HashMap<>();
        for (Path file : files(folder)) {
            List<Probing> probing;
            try {
                probing = DeliData.probing(new String(read(file), StandardCharsets.UTF_8));
            } catch (IllegalArgumentException e) {
                throw new ConfigurationException("path", file + ", " + e.getMessage(), e);
            }
            for (Probing message : probing) {
                said.computeIfAbsent(Part.letters(message.majority()), position -> thirds())
                        .get((int) (THIRDS * message.progress())).add(message);
            }
        }
        if (said.isEmpty()) {
            throw new ConfigurationException("path", "no message in " + folder + " has the annotation_type Probing; name the "
                    + "folder of the DeliData corpus, one file a group");
        }
        return (view, streams) -> intervene(said, view, streams);
    }

    private static List<List<Probing>> thirds() {
        return Stream.generate(() -> (List<Probing>) new ArrayList<Probing>()).limit(THIRDS).toList();
    }

    private static Intervention intervene(Map<String, List<List<Probing>>> said, PartnerView view, RandomStreams streams) {
        String position = view.position().orElseThrow(() -> new ConfigurationException("",
                "replay repeats people who selected cards, and the groups of this task hold nothing that can be compared with "
                + "that; it is a partner for wason"));
        List<List<Probing>> here = said.get(position);
        if (here == null) {
            return Intervention.SILENCE;
        }
        List<Probing> messages = nearest(here, THIRDS * (view.round() - 1) / view.rounds());
        Probing message = messages.get(streams.stream("partner", view.episode(), view.round(), 0).nextInt(messages.size()));
        return new Intervention(view.suggestion(Part.letters(message.selection())), Intervention.Tone.HESITANT, message.words());
    }

    private static List<Probing> nearest(List<List<Probing>> thirds, int third) {
        for (int distance = 0; distance < THIRDS; distance++) {
            for (int other : new int[] {third - distance, third + distance}) {
                if (other >= 0 && other < THIRDS && !thirds.get(other).isEmpty()) {
                    return thirds.get(other);
                }
            }
        }
        throw new AssertionError("a position is kept for the messages that were said in it");
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(file -> Files.isRegularFile(file) && !file.getFileName().toString().startsWith("."))
                    .sorted().toList();
        } catch (IOException e) {
            throw new ConfigurationException("path", folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new ConfigurationException("path", file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
