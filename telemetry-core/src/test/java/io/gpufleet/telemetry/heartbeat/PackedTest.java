package io.gpufleet.telemetry.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PackedTest {

    @Test
    void bytes_areNotOneNumber() {
        PackedBytes packed = PackedBytes.of(50, 51);

        assertThat(packed.bits()).isEqualTo(13106);
        assertThat(packed.get(0)).isEqualTo(50);
        assertThat(packed.get(1)).isEqualTo(51);
        assertThat(packed.get(2)).isZero();
    }

    @Test
    void bytes_areUnsigned() {
        PackedBytes packed = new PackedBytes(0xff80_0000_0000_017fL);

        assertThat(packed.get(0)).isEqualTo(0x7f);
        assertThat(packed.get(1)).isEqualTo(1);
        assertThat(packed.get(6)).isEqualTo(0x80);
        assertThat(packed.get(7)).isEqualTo(0xff);
        assertThat(PackedBytes.of(255, 255, 255, 255, 255, 255, 255, 255).bits())
                .isEqualTo(-1);
    }

    @Test
    void shorts_lieInBothHalves() {
        PackedShorts packed = PackedShorts.of(0x10de, 0xffff, 0, 1, 0x8086, 2, 3, 0x8000);

        assertThat(packed).isEqualTo(new PackedShorts(0x8000_0003_0002_8086L, 0x0001_0000_ffff_10deL));
        assertThat(packed.get(1)).isEqualTo(0xffff);
        assertThat(packed.get(3)).isEqualTo(1);
        assertThat(packed.get(4)).isEqualTo(0x8086);
        assertThat(packed.get(7)).isEqualTo(0x8000);
    }

    /** The specification: {@code (v >> 8k) & 0xff}, {@code (v >> 16k) & 0xffff}. */
    @Test
    void get_isShiftAndMaskOfTheWholeNumber() {
        Random random = new Random(4);
        for (int i = 0; i < 10_000; i++) {
            PackedShorts shorts = new PackedShorts(random.nextLong(), random.nextLong());
            BigInteger whole = new BigInteger(Long.toUnsignedString(shorts.high()))
                    .shiftLeft(Long.SIZE)
                    .or(new BigInteger(Long.toUnsignedString(shorts.low())));
            int index = random.nextInt(DevicePod.MAX_DEVICES);

            assertThat(shorts.get(index)).isEqualTo(whole.shiftRight(16 * index).intValue() & 0xffff);
            assertThat(new PackedBytes(shorts.low()).get(index))
                    .isEqualTo(whole.shiftRight(8 * index).intValue() & 0xff);
        }
    }

    @Test
    void get_refusesAnIndexThatNoDeviceHas() {
        for (int index : new int[] {-1, 8}) {
            assertThatThrownBy(() -> new PackedBytes(0).get(index)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> new PackedShorts(0, 0).get(index)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void of_refusesWhatDoesNotFit() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PackedBytes.of(0, 256))
                .withMessage("value 1: 256 is not between 0 and 255");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PackedBytes.of(-1))
                .withMessage("value 0: -1 is not between 0 and 255");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PackedShorts.of(65536))
                .withMessage("value 0: 65536 is not between 0 and 65535");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PackedShorts.of(new int[9]))
                .withMessage("9 devices are more than the 8 of a pod");
    }
}
