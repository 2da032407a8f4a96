package io.parley.benchmarks;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.parley.benchmarks.fixtures.EngineLottery;
import io.parley.core.plugin.Provider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The dependency rules between modules. */
class ArchitectureTest {
    private static final String[] JDK_DJL_JACKSON_SLF4J = {
        "java..", "javax..", "ai.djl..", "com.fasterxml.jackson..", "org.slf4j..", "io.parley.core.."
    };

    static final ArchRule CORE_KNOWS_NO_OTHER_MODULE_OR_LIBRARY = classes()
            .that().resideInAPackage("io.parley.core..")
            .should().onlyDependOnClassesThat().resideInAnyPackage(JDK_DJL_JACKSON_SLF4J);

    static final ArchRule CORE_AND_ALGORITHMS_KNOW_NO_ENGINE = noClasses()
            .that().resideInAnyPackage("io.parley.core..", "io.parley.checkpoints..", "io.parley.algorithms..",
                    "io.parley.tasks..", "io.parley.benchmarks..")
            .should().dependOnClassesThat().resideInAnyPackage("ai.djl.pytorch..", "ai.djl.onnxruntime..");

    /** With two engines on the class path, which one answers is a lottery: managers come from the policy. */
    static final ArchRule NOBODY_DRAWS_AN_ENGINE = noClasses()
            .that().resideInAnyPackage("io.parley.core..", "io.parley.algorithms..", "io.parley.tasks..",
                    "io.parley.benchmarks..")
            .should().callMethod(Engine.class, "getInstance")
            .orShould().callMethod(NDManager.class, "newBaseManager");

    static final ArchRule TASKS_KNOW_CORE_ONLY = knows("tasks", "core");

    static final ArchRule CHECKPOINTS_KNOW_CORE_ONLY = knows("checkpoints", "core");

    static final ArchRule TRAINABLE_POLICIES_KNOW_CORE_AND_CHECKPOINTS = knows("policies.djl", "core", "checkpoints");

    static final ArchRule FROZEN_POLICIES_KNOW_CORE_AND_CHECKPOINTS = knows("policies.onnx", "core", "checkpoints");

    /** An application that only answers has no PyTorch on its class path. */
    static final ArchRule FROZEN_POLICIES_KNOW_ONE_ENGINE = noClasses()
            .that().resideInAPackage("io.parley.policies.onnx..")
            .should().dependOnClassesThat().resideInAPackage("ai.djl.pytorch..");

    static final ArchRule LABORATORY_KNOWS_CORE_ONLY = knows("laboratory", "core");

    /** The suggestion bandit, on which algorithms are tried, lives in the laboratory. */
    static final ArchRule TESTKIT_KNOWS_CORE_AND_LABORATORY = knows("testkit", "core", "laboratory");

    static final ArchRule BC_KNOWS_CORE_ONLY = knows("algorithms.bc", "core");

    static final ArchRule PPO_KNOWS_CORE_ONLY = knows("algorithms.ppo", "core");

    static final ArchRule DPO_KNOWS_CORE_ONLY = knows("algorithms.dpo", "core");

    /** ICR is PPO with one more regulariser. */
    static final ArchRule ICR_KNOWS_CORE_AND_PPO = knows("algorithms.icr", "core", "algorithms.ppo");

    /** If the harness named an algorithm's class, a third party could not have written it. */
    static final ArchRule BENCHMARKS_MEET_PLUGINS_AS_PLUGINS = noClasses()
            .that().resideInAPackage("io.parley.benchmarks..").and().resideOutsideOfPackage("io.parley.benchmarks.calibration..")
            .should().dependOnClassesThat(others("benchmarks", "core", "tasks.scoring"));

    /** What is fitted are the people of the tasks that come with Parley, not of any task. */
    static final ArchRule CALIBRATION_KNOWS_CORE_AND_TASKS = knows("benchmarks.calibration", "core", "tasks",
            "benchmarks.experiment");

    static final ArchRule GUICE_WIRES_THE_COMMAND_LINE_ALONE = noClasses()
            .that().resideOutsideOfPackage("io.parley.benchmarks.cli..")
            .should().dependOnClassesThat().resideInAnyPackage("com.google.inject..", "jakarta.inject..");

    /** In a loss these would be read again after DJL has freed their number; see UpdateScope. */
    static final ArchRule ALGORITHMS_MULTIPLY_BY_CONSTANTS_OF_THE_SCOPE = noClasses()
            .that().resideInAnyPackage("io.parley.algorithms..")
            .should().callMethod(NDArray.class, "mul", Number.class)
            .orShould().callMethod(NDArray.class, "div", Number.class)
            .orShould().callMethod(NDArray.class, "maximum", Number.class)
            .orShould().callMethod(NDArray.class, "minimum", Number.class)
            .orShould().callMethod(NDArray.class, "pow", Number.class);

    static final ArchRule PACKAGES_HAVE_NO_CYCLES = slices().matching("io.parley.(**)").should().beFreeOfCycles();

    static final ArchRule PROVIDERS_ARE_PUBLIC_AND_KEEP_NO_STATE = classes()
            .that().implement(Provider.class).and().areNotInterfaces().and().doNotHaveModifier(JavaModifier.ABSTRACT)
            .should().bePublic().andShould().haveOnlyFinalFields();

    @TestFactory
    Stream<DynamicTest> rulesHold() {
        JavaClasses parley = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("io.parley");
        for (String module : List.of("core", "tasks", "policies.djl", "policies.onnx", "laboratory", "testkit", "algorithms.icr",
                "benchmarks.cli")) {
            assertTrue(parley.stream().anyMatch(type -> type.getPackageName().startsWith("io.parley." + module)), module);
        }
        return Stream.of(ArchitectureTest.class.getDeclaredFields())
                .filter(field -> field.getType() == ArchRule.class)
                .map(field -> DynamicTest.dynamicTest(field.getName(), () -> ((ArchRule) field.get(null)).check(parley)));
    }

    private static ArchRule knows(String module, String... others) {
        return noClasses()
                .that().resideInAPackage("io.parley." + module + "..")
                .should().dependOnClassesThat(others(Stream.concat(Stream.of(module), Stream.of(others)).toArray(String[]::new)));
    }

    /** Classes of Parley that are of none of these modules. */
    private static DescribedPredicate<JavaClass> others(String... modules) {
        String[] allowed = Stream.of(modules).map(name -> "io.parley." + name + "..").toArray(String[]::new);
        return resideInAPackage("io.parley..").and(DescribedPredicate.not(resideInAnyPackage(allowed)));
    }

    /** A rule that nothing can break protects nothing: {@link EngineLottery} breaks this one. */
    @Test
    void aRuleBites() {
        JavaClasses violating = new ClassFileImporter().importClasses(EngineLottery.class);
        List<String> details = NOBODY_DRAWS_AN_ENGINE.evaluate(violating).getFailureReport().getDetails();
        assertEquals(1, details.size(), details.toString());
        assertTrue(details.get(0).contains("NDManager.newBaseManager"), details.toString());
    }

    /** The harness compiles against core and tasks; everything else is there at run time only. */
    @Test
    void pluginsAreOnTheRunTimeClassPathOnly() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));
        for (String module : List.of("laboratory", "policies-djl", "policies-onnx", "algorithms-bc", "algorithms-ppo",
                "algorithms-dpo", "algorithms-icr")) {
            assertTrue(pom.contains("<artifactId>parley-" + module + "</artifactId><scope>runtime</scope>"), module);
        }
    }
}
