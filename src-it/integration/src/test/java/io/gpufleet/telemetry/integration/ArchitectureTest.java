package io.gpufleet.telemetry.integration;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.gpufleet.telemetry.Batch;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The allowed dependencies between the modules, and the hidden parts of each. */
class ArchitectureTest {
    private static final String OURS = "io.gpufleet.telemetry";
    private static final List<String> MODULES =
            List.of("telemetry-core", "telemetry-codec", "telemetry-kafka", "telemetry-jdbc");
    private static final Pattern CLASS_FILE = Pattern.compile("/io/gpufleet/.*");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(OURS);

    @Test
    void core_dependsOnNothingOfOurs() {
        noClasses()
                .that(describe("are in core's jar", ArchitectureTest::isCore))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packages("codec", "kafka", "jdbc", "testkit", "examples"))
                .check(CLASSES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"codec", "kafka", "jdbc"})
    void module_dependsOnCoreOnly(String module) {
        String[] others = List.of("codec", "kafka", "jdbc", "testkit", "examples").stream()
                .filter(other -> !other.equals(module))
                .map(other -> OURS + "." + other + "..")
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage(OURS + "." + module + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others)
                .check(CLASSES);
    }

    @Test
    void testkit_dependsOnCoreAndCodecOnly() {
        noClasses()
                .that()
                .resideInAPackage(OURS + ".testkit..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packages("kafka", "jdbc", "examples"))
                .check(CLASSES);
    }

    @Test
    void internalOfCore_isUsedByTheModulesOnly() {
        noClasses()
                .that(describe(
                        "are neither in core's jar nor in codec, kafka or jdbc",
                        type -> !isCore(type)
                                && !type.getPackageName().startsWith(OURS + ".codec")
                                && !type.getPackageName().startsWith(OURS + ".kafka")
                                && !type.getPackageName().startsWith(OURS + ".jdbc")))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(OURS + ".internal")
                .check(CLASSES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"kafka", "jdbc"})
    void internalOfAModule_isUsedByThatModuleOnly(String module) {
        noClasses()
                .that()
                .resideOutsideOfPackage(OURS + "." + module + "..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(OURS + "." + module + ".internal")
                .check(CLASSES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"kafka", "jdbc"})
    void internalOfAModule_dependsOnNoOtherPackageOfIt(String module) {
        noClasses()
                .that()
                .resideInAPackage(OURS + "." + module + ".internal")
                .should()
                .dependOnClassesThat(describe(
                        "are in another package of the module",
                        type -> type.getPackageName().startsWith(OURS + "." + module) && !isInternal(type)))
                .check(CLASSES);
    }

    /** A public listener extends {@code ClientObserver}, whose methods are protected; nothing else of it is visible. */
    @Test
    void internal_isInNoPublicSignature() {
        assertThat(CLASSES.stream()
                        .filter(javaClass -> javaClass.getModifiers().contains(JavaModifier.PUBLIC))
                        .filter(javaClass -> !isInternal(javaClass)))
                .isNotEmpty()
                .allSatisfy(javaClass -> assertThat(typesOf(javaClass))
                        .as(javaClass.getName())
                        .filteredOn(type -> !type.getSimpleName().equals("ClientObserver"))
                        .noneMatch(ArchitectureTest::isInternal));
    }

    /** Hosts use only visible types; everything else may change. */
    @Test
    void publicTypes_areAtMostAThirdOfAll() {
        List<JavaClass> types = types().filter(JavaClass::isTopLevelClass).toList();

        assertThat(types).hasSizeGreaterThan(250);
        assertThat(shareOfPublic(types)).isLessThanOrEqualTo(0.33);
    }

    /**
     * Builders, events and the parts of results are nested: each is named by a public method, so none can be hidden.
     */
    @Test
    void publicTypes_areLittleMoreWithThoseThatAreNested() {
        List<JavaClass> types = types().filter(type -> type.isTopLevelClass() || type.isMemberClass())
                .toList();

        assertThat(types).hasSizeGreaterThan(450);
        assertThat(shareOfPublic(types)).isLessThanOrEqualTo(0.36);
    }

    private static Stream<JavaClass> types() {
        return CLASSES.stream()
                .filter(type ->
                        MODULES.stream().anyMatch(module -> location(type).contains(module)))
                .filter(type -> !type.getSimpleName().equals("package-info"));
    }

    private static double shareOfPublic(List<JavaClass> types) {
        long shown = types.stream()
                .filter(ArchitectureTest::isPublic)
                .filter(type -> !isInternal(type))
                .count();
        return (double) shown / types.size();
    }

    /** A nested type is as visible as the types around it. */
    private static boolean isPublic(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.PUBLIC)
                && type.getEnclosingClass().map(ArchitectureTest::isPublic).orElse(true);
    }

    private static boolean isInternal(JavaClass type) {
        return type.getPackageName().endsWith(".internal");
    }

    private static boolean isCore(JavaClass type) {
        return location(type).equals(location(CLASSES.get(Batch.class)));
    }

    private static Set<JavaClass> typesOf(JavaClass javaClass) {
        Stream<JavaClass> supertypes =
                Stream.concat(javaClass.getAllRawSuperclasses().stream(), javaClass.getAllRawInterfaces().stream());
        Stream<JavaClass> members = javaClass.getMembers().stream()
                .filter(member -> member.getModifiers().contains(JavaModifier.PUBLIC))
                .flatMap(member -> member.getAllInvolvedRawTypes().stream());
        return Stream.concat(supertypes, members).collect(toSet());
    }

    @Test
    void kafkaTypes_stayInKafka() {
        noClasses()
                .that()
                .resideOutsideOfPackages(packages("kafka", "testkit", "examples"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.kafka..")
                .check(CLASSES);
    }

    @Test
    void databaseTypes_stayInJdbc() {
        noClasses()
                .that()
                .resideOutsideOfPackages(packages("jdbc", "testkit", "examples"))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "javax.sql..", "org.jdbi..", "org.postgresql..")
                .check(CLASSES);
    }

    @Test
    void packages_areFreeOfCycles() {
        slices().matching("io.gpufleet.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void packages_areNotSplitOverModules() {
        Map<String, Set<String>> modulesByPackage = CLASSES.stream()
                .collect(groupingBy(JavaClass::getPackageName, mapping(ArchitectureTest::location, toSet())));

        assertThat(modulesByPackage)
                .isNotEmpty()
                .allSatisfy((name, modules) -> assertThat(modules).as(name).hasSize(1));
    }

    @Test
    void packages_areNullMarked() {
        assertThat(CLASSES.stream().map(JavaClass::getPackage).distinct())
                .isNotEmpty()
                .allSatisfy(javaPackage -> assertThat(javaPackage.isAnnotatedWith(NullMarked.class))
                        .as(javaPackage.getName())
                        .isTrue());
    }

    private static String[] packages(String... names) {
        return List.of(names).stream().map(name -> OURS + "." + name + "..").toArray(String[]::new);
    }

    private static String location(JavaClass javaClass) {
        URI uri = javaClass.getSource().orElseThrow().getUri();
        return CLASS_FILE.matcher(uri.toString()).replaceFirst("");
    }
}
