package io.parley.tasks.weights;

import io.parley.tasks.language.Content;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What sentences of the weights task are about: how a block compares with another block or with a weight.
 *
 * <pre>{@code
 * content = block, " is lighter than ", block | block, " is as heavy as ", block | block, " is heavier than ", block
 *         | block, " weighs less than ", grams, " g" | block, " weighs ", grams, " g"
 *         | block, " weighs more than ", grams, " g" ;
 * block   = "red" | "blue" | "green" | "purple" | "yellow" ;
 * grams   = "10" | "20" | "30" | "40" | "50" ;
 * }</pre>
 *
 * <p>Two blocks are read in either order, and 10 g as red. It writes the block of the question first.
 */
final class ClaimContent implements Content<Claim> {
    private static final List<String> OF_BLOCKS = List.of(" is lighter than ", " is as heavy as ", " is heavier than ");
    private static final List<String> OF_WEIGHTS = List.of(" weighs less than ", " weighs ", " weighs more than ");
    private static final Map<String, Claim> BY_TEXT = byText();

    @Override
    public String write(Claim claim) {
        return text(claim);
    }

    private static String text(Claim claim) {
        Question question = claim.question();
        int relation = claim.answer().ordinal();
        return question.other() == null
                ? question.block().word() + OF_WEIGHTS.get(relation) + question.grams() + " g"
                : question.block().word() + OF_BLOCKS.get(relation) + question.other().word();
    }

    @Override
    public Optional<Claim> read(String clause) {
        return Optional.ofNullable(BY_TEXT.get(clause));
    }

    @Override
    public List<String> words() {
        List<String> words = new ArrayList<>(
                List.of("is", "lighter", "heavier", "than", "as", "heavy", "weighs", "less", "more", "g"));
        for (Block block : Block.values()) {
            words.add(block.word());
        }
        for (int grams : Question.REFERENCES) {
            words.add(String.valueOf(grams));
        }
        return words;
    }

    private static Map<String, Claim> byText() {
        Map<String, Claim> claims = new HashMap<>();
        for (Question question : Question.ALL) {
            for (Relation answer : Relation.values()) {
                Claim claim = new Claim(question, answer);
                claims.put(text(claim), claim);
                if (question.other() != null) {
                    claims.put(question.other().word() + OF_BLOCKS.get(answer.mirrored().ordinal()) + question.block().word(),
                            claim);
                }
                if (question.other() == Block.RED) {
                    claims.put(question.block().word() + OF_WEIGHTS.get(answer.ordinal()) + "10 g", claim);
                }
            }
        }
        return Map.copyOf(claims);
    }
}
