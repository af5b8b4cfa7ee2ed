package io.gpufleet.telemetry.codec;

import java.util.List;

/** Texts of every kind that a decoder of GPU samples meets, each with good rows and with bad ones. */
final class SampleTexts {
    static final List<String> EXPOSITION = List.of("""
            # HELP DCGM_FI_DEV_GPU_TEMP GPU temperature (in C).
            # TYPE DCGM_FI_DEV_GPU_TEMP gauge
            DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="GPU-01",device="nvidia0",Hostname="n1"} 41
            DCGM_FI_DEV_MEMORY_TEMP{gpu="0",UUID="GPU-01",device="nvidia0",Hostname="n1"} 9223372036854775794
            DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{gpu="0",UUID="GPU-01",device="nvidia0",Hostname="n1"} 15347724978
            DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-01",device="nvidia0",Hostname="n1"} 4294967295
            DCGM_FI_DEV_COMPUTE_PIDS{gpu="0",UUID="GPU-01"} ERROR - FAILED TO CONVERT TO STRING
            DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-01"} 61.5 1772366400250\r
            go_goroutines 12
            """, """
            \tDCGM_FI_DEV_SM_CLOCK{ gpu = "1" , UUID="GPU-04", } 1410
            DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="GPU-02",modelName="A \\"big\\" one, {rev=2} C:\\\\gpu",pod="a\\nb"} 33
            DCGM_FI_DEV_POWER_USAGE{UUID="GPU-02",container="c",namespace="ml",pod="a",vgpu="0"} 200.000000
            DCGM_FI_DEV_POWER_USAGE{UUID="GPU-02",container="c",namespace="ml",pod="b",vgpu="1"} 200.000000
            DCGM_FI_DEV_GPU_TEMP{gpu="0",Hostname="n1"} 40
            DCGM_FI_DEV_NVSWITCH_TEMPERATURE_CURRENT{nvswitch="nvswitch0",Hostname="n1"} 44
            DCGM_EXP_XID_ERRORS_COUNT{gpu="0",UUID="GPU-02",window_size_in_ms="300000",xid="31"} 2
            DCGM_FI_PROF_GR_ENGINE_ACTIVE{UUID="GPU-02",GPU_I_PROFILE="1g.5gb",GPU_I_ID="8",pod="\u00e4\u20ac\ud83d\ude00"} 0.408500
            """, """
            # TYPE DCGM_FI_DEV_POWER_USAGE gauge
            # UNIT DCGM_FI_DEV_POWER_USAGE watts
            DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-05"} 3.5e2 1772366400.25
            DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-06"} 351 1772366400
            # TYPE DCGM_FI_DEV_PCIE_REPLAY_COUNTER counter
            DCGM_FI_DEV_PCIE_REPLAY_COUNTER_total{gpu="0",UUID="GPU-05"} 4 1772366400.25 # {trace_id="abc"} 1.0 1772366399.0
            DCGM_FI_DEV_NEW{UUID="GPU-05"} NaN
            # EOF
            """);

    static final List<String> CSV = List.of("""
            timestamp,metric_name,gpu_id,device,uuid,modelName,Hostname,container,pod,namespace,value,labels_raw
            "2026-03-01T12:00:00Z","DCGM_FI_DEV_GPU_TEMP","0","nvidia0","GPU-02","A ""quoted"", model","n1","","two
            lines","","40","UUID=""GPU-02"",note=""a,b \\""c\\""\"",gpu=""0""\"
            2026-03-01T12:00:00Z,DCGM_FI_DEV_GPU_UTIL,1,nvidia1,GPU-03,H100,n1,,,,97,"job=""dgx""\"
            2026-03-01T12:00:00Z,DCGM_FI_DEV_GPU_UTIL,1,nvidia1,GPU-03,H100,n1,,,,970,
            2026-03-01T12:00:00Z,DCGM_FI_DEV_GPU_TEMP,1,nvidia1,,H100,n1,,,,41,
            2026-03-01T12:00:00Z,DCGM_FI_DEV_GPU_TEMP,1,nvidia1,GPU-03,H100,n1,,,,,
            2026-03-01T12:00:00Z,DCGM_FI_DEV_GPU_TEMP,1
            """, """
            \ufeffTimestamp;metric_name;gpu_id;device;UUID;modelName;hostname;value;labels_raw\r
            2026-03-01T12:00:00Z;DCGM_FI_DEV_POWER_USAGE;0;nvidia0;GPU-01;H100 \u00e4\u20ac;n1;71,483;\r
            1772366400123;DCGM_FI_DEV_POWER_USAGE;0;nvidia0;GPU-01;H100;n1;5;\r
            """, """
            timestamp,metric_name,uuid,value
            2026-03-01T12:00:00.5+01:30,DCGM_FI_DEV_GPU_TEMP,GPU-01,40
            value,UUID,Metric_Name,timestamp,rack
            41,GPU-02,DCGM_FI_DEV_GPU_TEMP,2026-03-01T12:00:00Z,r1
            42,"GPU"-02,DCGM_FI_DEV_GPU_TEMP,2026-03-01T12:00:00Z,r1
            43,"GPU-02,DCGM_FI_DEV_GPU_TEMP,2026-03-01T12:00:00Z,r1
            """);

    static final List<String> JSON = List.of("""
            {"timestamp":"2026-03-01T12:00:00Z","metric_name":"DCGM_FI_DEV_GPU_UTIL","gpu_id":3,"device":"nvidia3",
             "uuid":"GPU-01","value":97.5,"labels_raw":{"gpu":"3","job":"d\\"gx"},"id":0,"tags":[1,{"a":null}]}
            """, """
            ["2026-03-01T12:00:00Z","DCGM_FI_DEV_GPU_UTIL","3","nvidia3","GPU-01","H\\u00e4 \u20ac","n1","","","","97.5","gpu=\\"3\\""]
            """, """
            [{"time":1772366400123,"metric":"DCGM_FI_DEV_GPU_TEMP","value":"41","uuid":"GPU-01","labels_raw":"job=\\"dgx\\""},
             {"time":1772366400123,"metric":"DCGM_FI_DEV_GPU_TEMP","value":"x","uuid":"GPU-01"}, 7,
             {"time":1772366400123,"metric":"DCGM_FI_DEV_GPU_TEMP","value":42,"uuid":"GPU-02"}]
            """);

    static final List<String> NVIDIA_SMI = List.of("""
            timestamp, uuid, index, name, temperature.gpu, utilization.gpu [%], power.draw [W], pstate, mig.mode.current
            2026/03/01 12:00:00.250, GPU-07, 0, H100 \u00e4\u20ac, 44, [N/A], 81.37 W, P0, Enabled
            2026/03/01 12:00:00.250, GPU-08, 1, H100, [Unknown Error], 7 %, , P8, [N/A]
            2026/03/01 12:00:00.250, , 2, H100, 44, 7 %, 81.37 W, P0, Disabled
            2026/03/01 12:00, GPU-09, 3, H100, 44, 7 %, 81.37 W, P0, Disabled
            Unable to determine the device handle for GPU0000:18:00.0: Unknown Error
            """, """
            \ufeffgpu_uuid,timestamp,clocks_event_reasons.active,memory.used [MiB],rack\r
            GPU-01,2026/03/01 12:00:00.250,0x0000000000000004,1024,r1\r
            timestamp, uuid, fan.speed [%], remapped_rows.pending\r
            2026/03/01 12:00:01.250, "GPU-02", 33 %, Yes\r
            2026/03/01 12:00:01.250, GPU-02, 300 %, Yes\r
            """);

    static final List<String> EVENT = List.of("""
            {"schema_version":"1.0","event_type":"gpu_metric_sample","timestamp":"2026-03-01T12:00:00.5+01:30",
             "gpu":{"gpu_uuid":"GPU-01","device_index":0,"name":"H\\u00e4 \u20ac"},"host":{"hostname":"n1"},
             "metrics":{"health":{"gpu_temp_c":65.5,"memory_temp_c":"70","throttle_reasons":4,"throttle_reasons_decoded":["x"]},
              "memory":{"ecc_sbe_volatile":9007199254740993,"fb_used_mib":null},"performance":{"sm_active_pct":87.1}},
             "quality":{"quality_flags":["late"],"stale":false},"asset":{"tags":{"a":"b"},"memory_gb":80},"new":[1,{"a":-1e3}]}
            """, """
            [{"timestamp":"2026-03-01T12:00:00Z","gpu":{"gpu_uuid":"GPU-01"},"metrics":{"health":{"gpu_temp_c":41}}},
             {"timestamp":"2026-03-01T12:00:00","gpu":{"gpu_uuid":"GPU-02"},"metrics":{}}, 7,
             {"timestamp":"2026-03-01T12:00:00Z","gpu":{"gpu_uuid":"GPU-03"},"metrics":{"health":{"gpu_temp_c":160,"memory_temp_c":50}}}]
            """);

    static final List<String> LINE_PROTOCOL = List.of("""
            # INFLUXDB EXPORT: 2026-03-01T00:00:00Z - 2026-03-02T00:00:00Z
            # DDL
            CREATE DATABASE dcgm WITH NAME autogen
            # DML
            # CONTEXT-DATABASE:dcgm
            DCGM_FI_DEV_GPU_TEMP,Hostname=n1,UUID=GPU-01,gpu=0 value=41 1772366400370294075
            DCGM_FI_DEV_GPU_TEMP,Hostname=n1,UUID=GPU-01,gpu=0 value=42i 1772366401370294075
            DCGM_FI_DEV_GPU_TEMP,Hostname=n1,UUID=GPU-01,gpu=0 value="43" 1772366402370294075
            DCGM_FI_DEV_GPU_TEMP,Hostname=n1,gpu=0 value=44 1772366402370294075
            DCGM_FI_DEV_POWER_USAGE,UUID=GPU-01,pod=a\\ b\\,c\\=d value=1.5e2,other="x, y=1 \\"z\\"" 1772366400370294075\r
            DCGM_FI_DEV_POWER_USAGE,UUID=GPU-01 value=
            """, """
            nvidia_smi,host=n1,index=1,name=NVIDIA\\ H100,uuid=GPU-02 temperature_gpu=51i,driver_version="535",power_draw=99.5 1772366400000000000
            cpu,host=n1 usage_idle=97.5 1772366400000000000
            prometheus,UUID=GPU-03 DCGM_FI_DEV_SM_CLOCK=1410,DCGM_FI_DEV_MEM_CLOCK=t,go_goroutines=8
            """);

    private SampleTexts() {}
}
