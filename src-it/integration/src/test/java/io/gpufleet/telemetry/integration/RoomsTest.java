package io.gpufleet.telemetry.integration;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rooms of the engines, by the maps in their {@code package-info}. */
class RoomsTest {
    private static final Pattern ROOM = Pattern.compile("<li><b>(\\w+)</b>\\s*\\(([^)]*)\\)");
    private static final Pattern CLASS = Pattern.compile("[A-Z]\\w*");

    private static String packageOf(String module) {
        return "io.gpufleet.telemetry." + module;
    }

    private static JavaClasses classes(String module) {
        return new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages(packageOf(module))
                .that(com.tngtech.archunit.base.DescribedPredicate.describe(
                        "are in the engine itself",
                        type -> type.getPackageName().equals(packageOf(module))));
    }

    /** Returns the room of each class. */
    private static Map<String, String> rooms(String module) {
        Path map = Path.of(
                "../../telemetry-" + module.replaceFirst("\\..*", "") + "/src/main/java",
                packageOf(module).replace('.', '/'),
                "package-info.java");
        try {
            return rooms(Files.readString(map), module);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, String> rooms(String map, String module) {
        Map<String, String> rooms = new HashMap<>();
        Matcher room = ROOM.matcher(map.replace("\n *", " "));
        while (room.find()) {
            Matcher name = CLASS.matcher(room.group(2));
            while (name.find()) {
                assertThat(rooms.put(packageOf(module) + "." + name.group(), room.group(1)))
                        .as("an earlier room of " + name.group())
                        .isNull();
            }
        }
        return rooms;
    }

    private static String outermost(JavaClass type) {
        return type.getEnclosingClass().map(RoomsTest::outermost).orElse(type.getName());
    }

    private static SliceAssignment by(Map<String, String> rooms) {
        return new SliceAssignment() {
            @Override
            public SliceIdentifier getIdentifierOf(JavaClass type) {
                String room = rooms.get(outermost(type));
                return room == null ? SliceIdentifier.ignore() : SliceIdentifier.of(room);
            }

            @Override
            public String getDescription() {
                return "rooms of package-info";
            }
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"kafka", "jdbc", "jdbc.gpu"})
    void everyClass_isInOneRoomOfTheMap(String module) {
        Set<String> classes = classes(module).stream()
                .map(RoomsTest::outermost)
                .filter(name -> !name.endsWith(".package-info"))
                .collect(Collectors.toCollection(HashSet::new));

        assertThat(rooms(module).keySet()).hasSizeGreaterThan(50).isEqualTo(classes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"kafka", "jdbc", "jdbc.gpu"})
    void rooms_areFreeOfCircles(String module) {
        slices().assignedFrom(by(rooms(module))).should().beFreeOfCycles().check(classes(module));
    }

    /** The control: the lane that writes and the thread that polls cannot be one room with the report between them. */
    @Test
    void circle_isFound() {
        Map<String, String> rooms = new HashMap<>(rooms("kafka"));
        rooms.put(packageOf("kafka") + ".Events", "runtime");

        assertThatThrownBy(() -> slices().assignedFrom(by(rooms))
                        .should()
                        .beFreeOfCycles()
                        .check(classes("kafka")))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("Cycle detected");
    }
}
