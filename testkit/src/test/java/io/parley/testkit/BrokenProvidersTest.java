package io.parley.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;

/** Every test of every contract catches a provider that breaks it, and no other test blames that provider. */
class BrokenProvidersTest {
    private static final List<Class<?>> HOUSES = List.of(BrokenProviders.class, BrokenAlgorithms.class, BrokenPartners.class,
            BrokenCounterfactuals.class, BrokenTasks.class, BrokenPolicies.class, BrokenTrainables.class,
            BrokenRegularizers.class, BrokenRewards.class, BrokenPreferences.class);
    private static final List<Class<?>> CONTRACTS = List.of(ProviderContract.class, AlgorithmContract.class,
            PartnerContract.class,
            CounterfactualContract.class, TaskContract.class, PolicyContract.class, TrainablePolicyContract.class,
            RegularizerContract.class, RewardContract.class, PreferenceSourceContract.class);

    private static Stream<Class<?>> contracts() {
        return HOUSES.stream().flatMap(house -> Stream.of(house.getDeclaredClasses()))
                .filter(type -> ProviderContract.class.isAssignableFrom(type) && !Modifier.isAbstract(type.getModifiers()));
    }

    private static Events run(Class<?> contract) {
        return EngineTestKit.engine("junit-jupiter").selectors(selectClass(contract)).execute().testEvents();
    }

    private static String method(Event event) {
        return event.getTestDescriptor().getSource().map(source -> ((MethodSource) source).getMethodName()).orElseThrow();
    }

    private static Throwable thrown(Event event) {
        return event.getRequiredPayload(org.junit.platform.engine.TestExecutionResult.class).getThrowable().orElseThrow();
    }

    /** Providers without a mark are good: nothing is found wrong with them, and nothing of theirs is left out. */
    @TestFactory
    Stream<DynamicTest> eachIsCaughtByItsOwnTest() {
        return contracts().map(contract -> DynamicTest.dynamicTest(
                contract.getEnclosingClass().getSimpleName() + "." + contract.getSimpleName(), () -> {
                    Events events = run(contract);
                    Breaks breaks = contract.getAnnotation(Breaks.class);
                    Set<String> failed = events.failed().stream().map(BrokenProvidersTest::method)
                            .collect(Collectors.toCollection(TreeSet::new));
                    String messages = events.failed().stream().map(e -> method(e) + ": " + thrown(e))
                            .collect(Collectors.joining("\n"));
                    assertEquals(breaks == null ? Set.of() : Set.of(breaks.value()), failed, messages);
                    assertTrue(events.succeeded().count() > 5, "few tests ran");
                    events.failed().stream().forEach(event -> assertTrue(
                            thrown(event).getMessage().matches("(?s)\\w+ says: \"[^\"]+\" Seen: .+"),
                            thrown(event).getMessage()));
                }));
    }

    @Test
    void everyTestOfEveryContractHasABrokenProvider() {
        Set<String> caught = contracts().filter(type -> type.isAnnotationPresent(Breaks.class))
                .map(type -> type.getAnnotation(Breaks.class).value()).collect(Collectors.toSet());
        for (Class<?> contract : CONTRACTS) {
            List<String> tests = Arrays.stream(contract.getDeclaredMethods())
                    .filter(m -> m.isAnnotationPresent(Test.class)
                            || m.isAnnotationPresent(TestFactory.class)).map(Method::getName).toList();
            assertFalse(tests.isEmpty(), contract.getSimpleName());
            for (String test : tests) {
                assertTrue(breaksOf(contract, test), contract.getSimpleName() + "." + test
                        + " has caught nobody; caught are " + caught);
            }
        }
    }

    /** A test counts for the contract that declares it: two contracts have tests of one name. */
    private static boolean breaksOf(Class<?> contract, String test) {
        return contracts().anyMatch(type -> contract.isAssignableFrom(type) && type.isAnnotationPresent(Breaks.class)
                && type.getAnnotation(Breaks.class).value().equals(test));
    }
}
