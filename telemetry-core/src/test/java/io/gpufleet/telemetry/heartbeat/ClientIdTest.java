package io.gpufleet.telemetry.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientIdTest {
    private static final String HEX = "6e1131b49c014b7da25f1077deadbeef";

    @Test
    void parse_readsEitherCase() {
        ClientId id = ClientId.parse(HEX);

        assertThat(id).isEqualTo(new ClientId(0x6e1131b49c014b7dL, 0xa25f1077deadbeefL));
        assertThat(ClientId.parse(HEX.toUpperCase(Locale.ROOT))).isEqualTo(id);
        assertThat(ClientId.parse("6E1131B49C014B7Da25f1077deadbeef")).isEqualTo(id);
        assertThat(id).hasToString(HEX);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "6e1131b49c014b7da25f1077deadbee",
                "6e1131b49c014b7da25f1077deadbeef0",
                "6e1131b49c014b7da25f1077deadbeeg",
                "6e1131b4-9c01-4b7d-a25f-1077deadbeef",
                "-e1131b49c014b7da25f1077deadbeef",
                "٠e1131b49c014b7da25f1077deadbeef"
            })
    void parse_refusesAnythingElse(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClientId.parse(text))
                .withMessage("hex: \"" + text + "\" is not 32 hexadecimal characters");
    }

    @Test
    void bytes_areThoseOfTheHexadecimalForm() {
        byte[] bytes = ClientId.parse("000102030405060708090a0b0c0d0eff").toBytes();

        assertThat(bytes).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255);
        assertThat(ClientId.of(bytes)).hasToString("000102030405060708090a0b0c0d0eff");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 15, 17})
    void of_refusesAnotherLength(int length) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClientId.of(new byte[length]))
                .withMessage("bytes: " + length + " bytes are not 16");
    }

    @Test
    void order_isThatOfUnsignedBytes() {
        Random random = new Random(8);
        for (int i = 0; i < 20_000; i++) {
            byte[] left = new byte[ClientId.BYTES];
            random.nextBytes(left);
            byte[] right = left.clone();
            right[random.nextInt(ClientId.BYTES)] ^= (byte) random.nextInt(256);

            int order = ClientId.of(left).compareTo(ClientId.of(right));

            assertThat(Integer.signum(order)).isEqualTo(Integer.signum(Arrays.compareUnsigned(left, right)));
            assertThat(ClientId.of(right).compareTo(ClientId.of(left))).isEqualTo(-order);
        }
    }

    @Test
    void roundTrip_givesTheSameId() {
        Random random = new Random(9);
        for (int i = 0; i < 10_000; i++) {
            ClientId id = new ClientId(random.nextLong(), random.nextLong());

            assertThat(ClientId.of(id.toBytes())).isEqualTo(id);
            assertThat(ClientId.parse(id.toString())).isEqualTo(id);
        }
    }
}
