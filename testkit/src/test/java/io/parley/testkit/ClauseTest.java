package io.parley.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What a failure quotes stands in the documentation of the type that it names. */
class ClauseTest {
    private static final List<Class<?>> CONTRACTS = List.of(ProviderContract.class, AlgorithmContract.class,
            PartnerContract.class,
            CounterfactualContract.class, TaskContract.class, PolicyContract.class, TrainablePolicyContract.class,
            RegularizerContract.class, RewardContract.class, PreferenceSourceContract.class);

    @TestFactory
    Stream<DynamicTest> everySentenceIsDocumented() {
        return CONTRACTS.stream().flatMap(contract -> Stream.of(contract.getDeclaredFields()))
                .filter(field -> field.getType() == Clause.class)
                .map(field -> DynamicTest.dynamicTest(field.getDeclaringClass().getSimpleName() + "." + field.getName(),
                        () -> check(field)));
    }

    private static void check(Field field) throws IllegalAccessException, IOException {
        field.setAccessible(true);
        Clause clause = (Clause) field.get(null);
        Class<?> file = clause.owner();
        while (file.getEnclosingClass() != null) {
            file = file.getEnclosingClass();
        }
        Path source = Path.of("../core/src/main/java", file.getName().replace('.', '/') + ".java");
        String documentation = words(Files.readString(source));
        assertTrue(documentation.contains(words(clause.sentence())), source + " does not say: " + words(clause.sentence()));
    }

    /** Javadoc without its marks. */
    private static String words(String javadoc) {
        return javadoc.replaceAll("(?m)^\\s*/?\\*+/?", " ")
                .replaceAll("(?s)\\{@\\w+\\s+(?:[\\w.]+\\.(?=[A-Z]\\w*[}#]))?([^}]*)\\}", "$1")
                .replaceAll("@\\w+ (java\\.[\\w.]+\\.)?", "")
                .replaceAll("</?\\w+>", "")
                .replaceAll("\\s+", " ")
                .trim();
    }
}
