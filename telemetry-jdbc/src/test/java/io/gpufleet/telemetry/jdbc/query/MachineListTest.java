package io.gpufleet.telemetry.jdbc.query;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static io.gpufleet.telemetry.jdbc.Heartbeats.client;
import static io.gpufleet.telemetry.jdbc.Heartbeats.device;
import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static io.gpufleet.telemetry.jdbc.Heartbeats.withoutPods;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.heartbeat.Device;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Machines and their devices, as their newest heartbeats saw them. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class MachineListTest {
    private static final String FIRST = client(1).toString();
    private static final String ABSENT = client(99).toString();

    @Parameter
    PostgresVersion version;

    private StoredHeartbeats fleet;
    private HeartbeatQueries queries;

    /** The collector of the third machine fails in its newest heartbeat; the fourth has no devices. */
    @BeforeEach
    void store() {
        fleet = new StoredHeartbeats(version.database())
                .store(heartbeat(2, 20, device(20)), NOON.minusSeconds(60))
                .store(heartbeat(1, 10, device(10), device(11)), NOON.minusSeconds(7_200))
                .store(heartbeat(3, 30, device(30)), NOON.minusSeconds(3_600))
                .store(withoutPods(3, 31, 1), NOON.minusSeconds(30))
                .store(heartbeat(4, 40), NOON.minusSeconds(3_600));
        queries = fleet.queries();
    }

    private static List<Long> numbers(Page<Machine> page) {
        return page.rows().stream().map(machine -> machine.client().low()).toList();
    }

    private List<String> devices(MachineFilter filter) {
        return queries.devices(filter).rows().stream()
                .map(row -> row.client().low() + "/" + row.device().index() + " "
                        + row.device().usage() + " %")
                .toList();
    }

    @Test
    void machines_comeByTheIdsOfTheirClients() {
        Page<Machine> all = queries.machines(MachineFilter.all());
        assertThat(numbers(all)).containsExactly(1L, 2L, 3L, 4L);
        assertThat(all.total()).hasValue(4);
        assertThat(all.next()).isEmpty();
        assertThat(all.rows())
                .contains(new Machine(client(1), 10, 10, 10, 100, 160, 2, NOON.minusSeconds(7_200)))
                .contains(new Machine(client(3), 31, 31, 31, 100, 80, 1, NOON.minusSeconds(30)));
    }

    @Test
    void machines_comeInPages() {
        Page<Machine> second =
                queries.machines(MachineFilter.builder().limit(2).offset(1).build());
        assertThat(numbers(second)).containsExactly(2L, 3L);
        assertThat(second.total()).hasValue(4);
        Page<Machine> beyond =
                queries.machines(MachineFilter.builder().offset(Long.MAX_VALUE).build());
        assertThat(beyond.rows()).isEmpty();
        assertThat(beyond.total()).hasValue(4);
    }

    @Test
    void machines_areFiltered() {
        MachineFilter.Builder since = MachineFilter.builder().seenSince(NOON.minusSeconds(60));
        assertThat(numbers(queries.machines(since.build()))).containsExactly(2L, 3L);
        assertThat(queries.machines(since.limit(1).build()).total()).hasValue(2);
        assertThat(numbers(queries.machines(since.client(client(3).toString()).build())))
                .containsExactly(3L);
        assertThat(queries.machines(since.client(FIRST).build()).rows()).isEmpty();
    }

    @Test
    void seenSince_isATimeThatIsStored() {
        Instant justAfter = NOON.minusSeconds(30).plusNanos(1);
        assertThat(numbers(queries.machines(
                        MachineFilter.builder().seenSince(justAfter).build())))
                .isEmpty();
        assertThat(numbers(queries.machines(
                        MachineFilter.builder().seenSince(Instant.MIN).build())))
                .hasSize(4);
        assertThat(numbers(queries.machines(
                        MachineFilter.builder().seenSince(Instant.MAX).build())))
                .isEmpty();
    }

    @Test
    void devices_comeByClientAndNumber() {
        Page<MachineDevice> all = queries.devices(MachineFilter.all());
        assertThat(devices(MachineFilter.all())).containsExactly("1/0 10 %", "1/1 11 %", "2/0 20 %", "3/0 30 %");
        assertThat(all.total()).hasValue(4);
        assertThat(all.rows().get(1))
                .isEqualTo(new MachineDevice(
                        client(1),
                        new Device(1, 11, 11, 11, 11, 0x10de, 0x2331, 80, 350),
                        "NVIDIA H100 PCIe",
                        NOON.minusSeconds(7_200)));
        MachineFilter.Builder page = MachineFilter.builder().limit(2).offset(1);
        assertThat(devices(page.build())).containsExactly("1/1 11 %", "2/0 20 %");
        assertThat(devices(page.client(FIRST).build())).containsExactly("1/1 11 %");
        assertThat(queries.devices(page.build()).total()).hasValue(2);
    }

    /** The devices of a machine whose collector failed are older than its heartbeat. */
    @Test
    void devices_areThoseOfTheMachinesSeen() {
        assertThat(devices(
                        MachineFilter.builder().seenSince(NOON.minusSeconds(60)).build()))
                .containsExactly("2/0 20 %", "3/0 30 %");
    }

    @Test
    void state_isTheMachineWithAllItsDevices() {
        MachineState state = queries.state(FIRST.toUpperCase(Locale.ROOT));
        assertThat(state.machine().heartbeatAt()).isEqualTo(NOON.minusSeconds(7_200));
        assertThat(state.devices()).hasSize(2);
        MachineState failed = queries.state(client(3).toString());
        assertThat(failed.machine().heartbeatAt()).isEqualTo(NOON.minusSeconds(30));
        assertThat(failed.devices())
                .singleElement()
                .satisfies(device -> assertThat(device.heartbeatAt()).isEqualTo(NOON.minusSeconds(3_600)));
        assertThat(queries.state(client(4).toString()).devices()).isEmpty();
    }

    @Test
    void quiet_areTheLongestSilentFirst() {
        Instant since = NOON.minusSeconds(30);
        Page<Machine> quiet = queries.quiet(since, 10);
        assertThat(numbers(quiet)).containsExactly(1L, 4L, 2L);
        assertThat(quiet.total()).hasValue(3);
        assertThat(numbers(queries.quiet(since.plusNanos(1), 10))).containsExactly(1L, 4L, 2L, 3L);
        Page<Machine> one = queries.quiet(since, 1);
        assertThat(numbers(one)).containsExactly(1L);
        assertThat(one.total()).hasValue(3);
        assertThat(queries.quiet(Instant.MIN, 10).rows()).isEmpty();
        assertThat(queries.quiet(Instant.MAX, 10).rows()).hasSize(4);
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> queries.quiet(since, 0))
                .withMessage("limit must be 1..1000, was 0");
    }

    @Test
    void unknownClient_isNotFound() {
        String message = "no heartbeats of client \"" + ABSENT + "\"";
        assertThatExceptionOfType(UnknownClientException.class)
                .isThrownBy(() -> queries.state(ABSENT.toUpperCase(Locale.ROOT)))
                .withMessage(message)
                .isInstanceOf(NotFoundException.class)
                .satisfies(e -> assertThat(e.parameter()).isEqualTo("id"));
        MachineFilter filter = MachineFilter.builder().client(ABSENT).build();
        assertThatExceptionOfType(UnknownClientException.class).isThrownBy(() -> queries.machines(filter));
        assertThatExceptionOfType(UnknownClientException.class)
                .isThrownBy(() -> queries.devices(filter))
                .withMessage(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "8000000000000000000000000000000",
                "800000000000000000000000000000011",
                "80000000-0000-0000-0000-000000000001",
                "8000000000000000000000000000000g",
                "８0000000000000000000000000000001",
                " 80000000000000000000000000000001",
                "\\x80000000000000000000000000000001",
                "8000000000000000000000000000000\0"
            })
    void id_ofAnotherFormIsRefused(String id) {
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> queries.state(id))
                .withMessage("id \"" + id + "\" is not 32 hexadecimal characters")
                .isNotInstanceOf(NotFoundException.class)
                .satisfies(e -> assertThat(e.parameter()).isEqualTo("id"));
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> MachineFilter.builder().client(id));
        assertThatExceptionOfType(InvalidQueryException.class).isThrownBy(() -> DailyQuery.builder(id));
    }

    @Test
    void filter_thatCannotBeAnsweredIsRefused() {
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> queries.state(""))
                .withMessage("id must not be empty");
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> MachineFilter.builder().limit(1_001))
                .withMessage("limit must be 1..1000, was 1001");
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> MachineFilter.builder().offset(-1))
                .withMessage("offset must be >= 0, was -1");
    }
}
