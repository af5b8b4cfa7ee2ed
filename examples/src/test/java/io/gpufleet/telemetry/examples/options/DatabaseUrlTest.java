package io.gpufleet.telemetry.examples.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DatabaseUrlTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://host:5433/telemetry?user=agent&password=secret&sslmode=require",
                "postgres://agent:secret@host:5433/telemetry?sslmode=require",
                "postgresql://agent:secret@host:5433/telemetry?sslmode=require",
                "postgresql://host:5433/telemetry?user=agent&sslmode=require&password=secret"
            })
    void everyForm_meansTheSame(String text) {
        DatabaseUrl url = DatabaseUrl.parse(text);

        assertThat(url.jdbcUrl()).isEqualTo("jdbc:postgresql://host:5433/telemetry?sslmode=require");
        assertThat(url.user()).contains("agent");
        assertThat(url.password()).contains("secret");
        assertThat(url).hasToString("host:5433/telemetry");
    }

    @Test
    void credentials_areDecoded() {
        DatabaseUrl url = DatabaseUrl.parse("postgres://ag%40ent:p%2Fa%3As%3As+%25%C3%BC@host/telemetry");

        assertThat(url.user()).contains("ag@ent");
        assertThat(url.password()).contains("p/a:s:s+%ü");
    }

    @Test
    void jdbcParameters_areDecodedAsTheDriverDoes() {
        DatabaseUrl url = DatabaseUrl.parse("jdbc:postgresql://host/telemetry?user=a@server&password=p%26q+r");

        assertThat(url.user()).contains("a@server");
        assertThat(url.password()).contains("p&q r");
        assertThat(url.jdbcUrl()).isEqualTo("jdbc:postgresql://host/telemetry");
    }

    @Test
    void colonAndAt_mayStandInAPassword() {
        assertThat(DatabaseUrl.parse("postgres://agent:p:a@ss@host/telemetry").password())
                .contains("p:a@ss");
    }

    @Test
    void credentials_mayBeMissing() {
        assertThat(DatabaseUrl.parse("postgres://host/telemetry").user()).isEmpty();
        assertThat(DatabaseUrl.parse("postgres://agent@host/telemetry").password())
                .isEmpty();
        assertThat(DatabaseUrl.parse("postgres://agent:@host/telemetry").password())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a:1,b:2/t", "[::1]:5432/t", "localhost/with%20space", "/t", "h/t?connectTimeout=3"})
    void address_isHandedToTheDriver(String address) throws SQLException {
        String jdbcUrl = DatabaseUrl.parse("postgres://agent@" + address).jdbcUrl();

        assertThat(jdbcUrl).isEqualTo("jdbc:postgresql://" + address);
        assertThat(DriverManager.getDriver(jdbcUrl).acceptsURL(jdbcUrl)).isTrue();
    }

    @Test
    void namesOfLibpq_areTranslated() {
        assertThat(DatabaseUrl.parse("postgres://h/t?connect_timeout=3&application_name=a+b")
                        .jdbcUrl())
                .isEqualTo("jdbc:postgresql://h/t?connectTimeout=3&ApplicationName=a%2Bb");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mysql://u:hunter2@h/d | does not begin with jdbc:postgresql://, postgres:// or postgresql://",
                "h:5432/d | does not begin with",
                "postgres:///? | names no database",
                "postgres://u:hunter2@h | names no database",
                "postgres://u:hunter2@h:0/d | has a port of server 1 that is not between 1 and 65535",
                "postgres://u:hunter2@h:1,h:65536/d | has a port of server 2",
                "postgres://u:hunter2@h:x/d | has no host:port as server 1",
                "postgres://u:hunter2@a b/d | has no host:port as server 1",
                "postgres://u:hunter2@h/d?sslmod=require | parameter that PostgreSQL's JDBC driver does not know, at place 1",
                "postgres://u:hunter2@h/d?sslmode | has no name=value as parameter 1",
                "postgres://u:hunter2@h/d?password=x | names user or password twice",
                "postgres://u:hunter2%zz@h/d | has a % without two hexadecimal digits in its password",
                "postgres://h/d?sslmode=%z | in its parameter 1",
                "postgres://h/%z | in its database",
                "postgres://u:hun/hunter2@h/d | is not of the form",
                "postgres://u:hun#hunter2@h/d | is not of the form",
                "postgres://u:1/hunter2@h | is not of the form",
                "postgres://u:1?hunter2@h/d | has an @ among its parameters",
                "postgres://u:1?hunter2=@h/d | has an @ among its parameters",
                "jdbc:postgresql://u:hunter2@h/d | names the user before an @",
                "jdbc:postgresql://h/d?password=x&hunter2 | has no name=value as parameter 2",
                "jdbc:postgresql://h/d?password=x&hunter2=1 | at place 2",
                "jdbc:postgresql://h:hunter2/d | has no host:port as server 1"
            })
    void garbage_isNamedAndNotRepeated(String text, String what) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DatabaseUrl.parse(text))
                .withMessageStartingWith("the database URL ")
                .withMessageContaining(what)
                .satisfies(failure -> assertThat(failure.getMessage()).doesNotContain("hunter2"));
    }
}
