package io.gpufleet.telemetry.examples.rest;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.metrics.micrometer.MicrometerMetricsTrackerFactory;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerReports;
import io.gpufleet.telemetry.jdbc.query.GpuQueries;
import io.gpufleet.telemetry.jdbc.query.HeartbeatQueries;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;

/** The application of Spring Boot, with what all its parts share: settings, pool, queries, meters. Immutable. */
@SpringBootApplication(proxyBeanMethods = false)
class Service {
    /** The time in which the service ends: requests in flight have 10 seconds, see {@code application.yaml}. */
    static final Duration LONGEST_END = Duration.ofSeconds(15);

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(3);

    /** A database that hangs does not even end a question at its limit. */
    private static final Duration SILENCE_BEYOND_THE_LIMIT = Duration.ofSeconds(5);

    /** Starts the service; the pool comes first, so that a database that is away is told in one line. */
    static ConfigurableApplicationContext start(ApiSettings settings) {
        HikariDataSource pool = new HikariDataSource(poolSettings(settings));
        try {
            SpringApplication application = new SpringApplication(Service.class);
            application.setAddCommandLineProperties(false);
            application.setRegisterShutdownHook(false);
            application.addInitializers(context -> prepare((GenericApplicationContext) context, settings, pool));
            return application.run();
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    private static HikariConfig poolSettings(ApiSettings settings) {
        HikariConfig config = settings.database().poolSettings(settings.http().connections(), LONGEST_WAIT);
        config.setPoolName("telemetry-api");
        config.setValidationTimeout(Duration.ofSeconds(1).toMillis());
        if (!settings.database().jdbcUrl().contains("socketTimeout=")) {
            Duration silence = settings.http().queryTimeout().plus(SILENCE_BEYOND_THE_LIMIT);
            config.addDataSourceProperty("socketTimeout", Long.toString(silence.toSeconds()));
        }
        return config;
    }

    private static void prepare(GenericApplicationContext context, ApiSettings settings, HikariDataSource pool) {
        Map<String, Object> server = Map.of(
                "server.port", settings.http().port(),
                "server.address", settings.http().bind().getHostAddress());
        context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("options", server));
        context.registerBean(ApiSettings.class, () -> settings);
        context.registerBean(HikariDataSource.class, () -> pool);
    }

    /** Returns where a started service answers. */
    static String address(ConfigurableApplicationContext service) {
        String host = service.getBean(ApiSettings.class).http().bind().getHostAddress();
        String port = service.getEnvironment().getRequiredProperty("local.server.port");
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    @Bean
    GpuQueries gpuQueries(DataSource pool, ApiSettings settings) {
        GpuQueries.Builder queries =
                GpuQueries.builder(pool).timeout(settings.http().queryTimeout());
        settings.database().schema().ifPresent(queries::schema);
        return queries.build();
    }

    @Bean
    HeartbeatQueries heartbeatQueries(DataSource pool, ApiSettings settings) {
        HeartbeatQueries.Builder queries = HeartbeatQueries.builder(pool);
        settings.database().schema().ifPresent(queries::schema);
        return queries.build();
    }

    @Bean
    ConsumerReports consumerReports(DataSource pool, ApiSettings settings) {
        return settings.database()
                .schema()
                .map(schema -> ConsumerReports.create(pool, schema))
                .orElseGet(() -> ConsumerReports.create(pool));
    }

    @Bean
    PrometheusMeterRegistry meters(HikariDataSource pool) {
        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(meters);
        new JvmThreadMetrics().bindTo(meters);
        new ProcessorMetrics().bindTo(meters);
        pool.setMetricsTrackerFactory(new MicrometerMetricsTrackerFactory(meters));
        return meters;
    }
}
