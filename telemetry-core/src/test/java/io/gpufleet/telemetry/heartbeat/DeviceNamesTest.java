package io.gpufleet.telemetry.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class DeviceNamesTest {
    private static final DeviceNames STANDARD = DeviceNames.standard();

    private static Properties properties(String id, String name) {
        Properties properties = new Properties();
        properties.setProperty(id, name);
        return properties;
    }

    @Test
    void nameOf_knowsVendorsAndModels() {
        assertThat(STANDARD.nameOf(0x10de, 0x20b0)).isEqualTo("NVIDIA A100 SXM4 40GB");
        assertThat(STANDARD.nameOf(0x10de, 0x2204)).isEqualTo("NVIDIA GeForce RTX 3090");
    }

    @Test
    void nameOf_knowsEveryVendorOfTheFleet() {
        assertThat(STANDARD.nameOf(0x10de, 0)).isEqualTo("NVIDIA 0x0000");
        assertThat(STANDARD.nameOf(0x1002, 0)).isEqualTo("AMD 0x0000");
        assertThat(STANDARD.nameOf(0x1022, 0)).isEqualTo("AMD 0x0000");
        assertThat(STANDARD.nameOf(0x8086, 0)).isEqualTo("Intel 0x0000");
        assertThat(STANDARD.nameOf(0x106b, 0)).isEqualTo("Apple 0x0000");
        assertThat(STANDARD.nameOf(0x6810, 0)).isEqualTo("Apple 0x0000");
    }

    @Test
    void nameOf_givesTheIdOfWhatIsNotKnown() {
        assertThat(STANDARD.nameOf(0x10de, 0xfff0)).isEqualTo("NVIDIA 0xfff0");
        assertThat(STANDARD.nameOf(0x1234, 0x5678)).isEqualTo("0x1234 0x5678");
        assertThat(STANDARD.nameOf(0, 0x1)).isEqualTo("0x0000 0x0001");
        assertThat(STANDARD.nameOf(0xffff, 0xffff)).isEqualTo("0xffff 0xffff");
    }

    @Test
    void with_extendsAndOverrides() {
        DeviceNames names = STANDARD.with(properties("10de.fff0", "Prototype"))
                .with(properties("1234", "Acme"))
                .with(properties("10de.20b0", "A100"));

        assertThat(names.nameOf(0x10de, 0xfff0)).isEqualTo("NVIDIA Prototype");
        assertThat(names.nameOf(0x1234, 0x5678)).isEqualTo("Acme 0x5678");
        assertThat(names.nameOf(0x10de, 0x20b0)).isEqualTo("NVIDIA A100");
        assertThat(STANDARD.nameOf(0x1234, 0x5678)).isEqualTo("0x1234 0x5678");
    }

    @Test
    void with_namesAModelOfAVendorThatIsNotKnown() {
        assertThat(STANDARD.with(properties("1234.5678", "Model")).nameOf(0x1234, 0x5678))
                .isEqualTo("0x1234 Model");
    }

    @Test
    void with_refusesWhatIsNoId() {
        for (String id : List.of("", "10DE", "0x10de", "10de.", "10de.20b", "10de.20b00", "10de 20b0", "vendor")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> STANDARD.with(properties(id, "name")))
                    .withMessage("\"" + id + "\" is not a PCI id: four lower-case hexadecimal digits for a vendor, or"
                            + " vendor.device");
        }
    }

    @Test
    void nameOf_refusesWhatIsNoSixteenBitId() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> STANDARD.nameOf(0x1_0000, 0))
                .withMessage("id: 65536 is not between 0 and 65535");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> STANDARD.nameOf(0, -1))
                .withMessage("id: -1 is not between 0 and 65535");
    }
}
