package io.parley.tasks.people;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.Plugins;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * How human participants change their minds. Each has a personality, for the whole episode; in each round it may reconsider,
 * and then keeps its stance or takes that of a source. The numbers that come with Parley, and where they come from, are in
 * {@code people.json}; {@code parley calibrate} writes such a file. Immutable.
 */
public final class People {
    /** Where a participant takes its stance from; one that is absent leaves the stance as it is. */
    public enum Source {
        OWN,
        /** What more than half of the participants hold. */
        MAJORITY,
        /** Another participant, any of them. */
        PEER,
        COLLABORATOR,
        PARTNER,
        /** What the evidence shows, if the participant can see it. */
        EVIDENCE,
        /** An answer that the participant comes to by itself, without regard to the evidence: never the one it holds. */
        SECOND_THOUGHTS
    }

    /** Weights of the sources, which sum to 1; one that is left out is 0. */
    public record Sources(
            Double own,
            Double majority,
            Double peer,
            Double collaborator,
            Double partner,
            Double evidence,
            Double secondThoughts) {
        public Sources {
            own = share("own", own);
            majority = share("majority", majority);
            peer = share("peer", peer);
            collaborator = share("collaborator", collaborator);
            partner = share("partner", partner);
            evidence = share("evidence", evidence);
            secondThoughts = share("secondThoughts", secondThoughts);
            sumToOne("own, majority, peer, collaborator, partner, evidence and secondThoughts",
                    own + majority + peer + collaborator + partner + evidence + secondThoughts);
        }

        private static double share(String name, Double value) {
            return value == null ? 0 : probability(name, value);
        }

        private Categorical draws() {
            return new Categorical(own, majority, peer, collaborator, partner, evidence, secondThoughts);
        }
    }

    /** Probabilities that a participant reconsiders in a round, by regime. */
    public record Pace(Double record, Double single) {
        public Pace {
            if (record == null || single == null) {
                throw new IllegalArgumentException(
                        "pace has no " + (record == null ? "record" : "single") + "; record and single");
            }
            probability("record", record);
            probability("single", single);
        }
    }

    /**
     * A kind of participant.
     *
     * @param share of the participants
     * @param conviction probability that a participant who would take over a stance keeps its own, where it sees the evidence
     *     and its own is what the evidence shows
     */
    public record Personality(String name, double share, double conviction, Sources sources) {
        public Personality {
            if (name == null || name.isBlank() || sources == null) {
                throw new IllegalArgumentException("a personality has a name, a share, a conviction and sources");
            }
            probability("share", share);
            probability("conviction", conviction);
        }
    }

    /**
     * What a parameter file holds.
     *
     * @param source where the numbers come from, in words
     * @param fit how they were fitted; null if they were not
     * @param personalities whose shares sum to 1
     * @param secondThoughts weights of answers that people come to by themselves, by the id of the task; a task that is not
     *     there draws from all answers alike
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Parameters(
            List<String> source,
            JsonNode fit,
            Pace pace,
            List<Personality> personalities,
            Map<String, Map<String, Double>> secondThoughts) {
        public Parameters {
            source = source == null ? List.of() : List.copyOf(source);
            if (pace == null) {
                throw new IllegalArgumentException("there is no pace; for record and for single");
            }
            if (personalities == null || personalities.isEmpty()) {
                throw new IllegalArgumentException("there are no personalities; at least one");
            }
            personalities = List.copyOf(personalities);
            sumToOne("the shares of the personalities", personalities.stream().mapToDouble(Personality::share).sum());
            secondThoughts = secondThoughts == null ? Map.of() : secondThoughts;
        }
    }

    private static final Source[] SOURCES = Source.values();

    private final Parameters parameters;
    private final Categorical shares;
    private final Categorical[] sources;
    private final double[] convictions;

    public People(Parameters parameters) {
        this.parameters = parameters;
        shares = new Categorical(parameters.personalities.stream().mapToDouble(Personality::share).toArray());
        sources = parameters.personalities.stream().map(p -> p.sources.draws()).toArray(Categorical[]::new);
        convictions = parameters.personalities.stream().mapToDouble(Personality::conviction).toArray();
    }

    /** The participants that come with Parley. */
    public static People load() {
        try (InputStream in = People.class.getResourceAsStream("people.json")) {
            return new People(Plugins.strictMapper().readValue(in, Parameters.class));
        } catch (IOException e) {
            throw new UncheckedIOException("people.json cannot be read", e);
        }
    }

    /**
     * The participants of a parameter file; of the one that comes with Parley for null.
     *
     * @throws ConfigurationException as {@link #read} does
     */
    public static People of(String file) {
        return file == null ? load() : read(Path.of(file));
    }

    /** @throws ConfigurationException if it is no parameter file or cannot be read; the message names it and the place in it */
    public static People read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return new People(Plugins.strictMapper().readValue(in, Parameters.class));
        } catch (JsonProcessingException e) {
            throw new ConfigurationException("people", file + where(e) + ": " + problem(e), e);
        } catch (IOException e) {
            throw new ConfigurationException("people", file + " cannot be read: " + e, e);
        }
    }

    private static String where(JsonProcessingException e) {
        return e.getLocation() == null ? "" : ", line " + e.getLocation().getLineNr();
    }

    private static String problem(JsonProcessingException e) {
        String problem = e.getCause() instanceof IllegalArgumentException cause ? cause.getMessage() : e.getOriginalMessage();
        if (!(e instanceof JsonMappingException mapping) || mapping.getPath().isEmpty()) {
            return problem;
        }
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference step : mapping.getPath()) {
            path.append(step.getFieldName() == null
                    ? "[" + step.getIndex() + "]"
                    : (path.isEmpty() ? "" : ".") + step.getFieldName());
        }
        return path + ": " + problem;
    }

    public Parameters parameters() {
        return parameters;
    }

    /** Draws the personality of a participant, a number from 0. */
    public int personality(RandomGenerator random) {
        return shares.draw(random);
    }

    public String personalityName(int personality) {
        return parameters.personalities.get(personality).name;
    }

    /**
     * Draws where a participant takes its stance from in a round. Where it cannot see the evidence, what it would take from
     * there stays its own.
     *
     * @param evidenceVisible whether the participant can see the evidence of the question
     * @param right whether its stance is what the evidence shows
     */
    public Source source(int personality, boolean evidenceVisible, boolean right, Regime regime, RandomGenerator random) {
        if (random.nextDouble() >= (regime == Regime.RECORD ? parameters.pace.record : parameters.pace.single)) {
            return Source.OWN;
        }
        Source source = SOURCES[sources[personality].draw(random)];
        boolean kept = evidenceVisible
                ? right && random.nextDouble() < convictions[personality]
                : source == Source.EVIDENCE;
        return kept ? Source.OWN : source;
    }

    private static double probability(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " is " + value + "; from 0 to 1");
        }
        return value;
    }

    /** To the three places that a person writes. */
    private static void sumToOne(String what, double sum) {
        if (Math.abs(sum - 1) > 0.001) {
            throw new IllegalArgumentException(what + " sum to " + String.format(Locale.ROOT, "%.4f", sum) + "; 1");
        }
    }
}
