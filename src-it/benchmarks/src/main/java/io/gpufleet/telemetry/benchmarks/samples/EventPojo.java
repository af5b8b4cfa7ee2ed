package io.gpufleet.telemetry.benchmarks.samples;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A metric event as Jackson binds it: a class for each object, a field for each member. */
@SuppressWarnings("checkstyle:all") // the names are those of the JSON
@JsonIgnoreProperties(ignoreUnknown = true)
final class EventPojo {
    public @Nullable String schema_version;
    public @Nullable String event_type;
    public @Nullable String timestamp;
    public @Nullable String driver_version;
    public @Nullable Gpu gpu;
    public @Nullable Host host;
    public @Nullable Metrics metrics;
    public @Nullable Limits limits;

    static final class Gpu {
        public @Nullable String gpu_uuid;
        public @Nullable String gpu_id;
        public @Nullable Integer device_index;
        public @Nullable String pci_bus_id;
        public @Nullable String name;
        public @Nullable String architecture;
        public @Nullable String compute_capability;
        public @Nullable Long mig_instances;
    }

    static final class Host {
        public @Nullable String hostname;
        public @Nullable String cluster;
        public @Nullable String rack;
        public @Nullable String datacenter;
    }

    static final class Metrics {
        public @Nullable Health health;
        public @Nullable Memory memory;
        public @Nullable Performance performance;
        public @Nullable Clocks clocks;
        public @Nullable Cooling cooling;
        public @Nullable Energy energy;
        public @Nullable Errors errors;
        public @Nullable Violations violations;
    }

    static final class Health {
        public @Nullable Double gpu_temp_c;
        public @Nullable Double memory_temp_c;
        public @Nullable Double power_usage_w;
        public @Nullable Long throttle_reasons;
        public @Nullable List<String> throttle_reasons_decoded;
    }

    static final class Memory {
        public @Nullable Double fb_used_mib;
        public @Nullable Double fb_free_mib;
        public @Nullable Double fb_total_mib;
        public @Nullable Double utilization_pct;
        public @Nullable Long ecc_sbe_volatile;
        public @Nullable Long ecc_sbe_aggregate;
        public @Nullable Long ecc_dbe_volatile;
        public @Nullable Long ecc_dbe_aggregate;
        public @Nullable Long retired_pages_sbe;
        public @Nullable Long retired_pages_dbe;
    }

    static final class Performance {
        public @Nullable Double sm_active_pct;
        public @Nullable Double sm_occupancy_pct;
        public @Nullable Double tensor_active_pct;
        public @Nullable Double dram_active_pct;
        public @Nullable Double pcie_tx_mb_per_sec;
        public @Nullable Double pcie_rx_mb_per_sec;
        public @Nullable Double nvlink_tx_mb_per_sec;
        public @Nullable Double nvlink_rx_mb_per_sec;
        public @Nullable Double gpu_utilization_pct;
        public @Nullable Double memory_copy_utilization_pct;
    }

    static final class Clocks {
        public @Nullable Double sm_clock_mhz;
        public @Nullable Double mem_clock_mhz;
    }

    static final class Cooling {
        public @Nullable Double fan_speed_pct;
    }

    static final class Energy {
        public @Nullable Long total_energy_consumption_mj;
    }

    static final class Errors {
        public @Nullable Long xid_last;
        public @Nullable Long pcie_replay_total;
        public @Nullable Long nvlink_crc_flit_total;
        public @Nullable Long nvlink_crc_data_total;
        public @Nullable Long nvlink_replay_total;
        public @Nullable Long nvlink_recovery_total;
        public @Nullable Long remapped_rows_correctable;
        public @Nullable Long remapped_rows_uncorrectable;
        public @Nullable Long row_remap_pending;
        public @Nullable Long row_remap_failed;
        public @Nullable Long sram_exceeded;
        public @Nullable Long recovery_action;
    }

    static final class Violations {
        public @Nullable Long power_ns;
        public @Nullable Long thermal_ns;
        public @Nullable Long sync_boost_ns;
        public @Nullable Long board_limit_ns;
        public @Nullable Long low_util_ns;
        public @Nullable Long reliability_ns;
        public @Nullable Long app_clocks_ns;
        public @Nullable Long base_clocks_ns;
    }

    static final class Limits {
        public @Nullable Double power_w;
        public @Nullable Double slowdown_c;
        public @Nullable Double mem_max_c;
        public @Nullable Long pcie_max_gen;
        public @Nullable Long pcie_max_width;
        public @Nullable Long nvlink_links;
    }
}
