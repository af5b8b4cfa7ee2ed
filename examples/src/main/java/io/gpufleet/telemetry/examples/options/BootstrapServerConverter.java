package io.gpufleet.telemetry.examples.options;

import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Checks the form of broker addresses; whether a broker answers is found out later. Thread-safe. */
final class BootstrapServerConverter implements ITypeConverter<String> {
    private static final Pattern SERVER = Pattern.compile("(?:[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+]):([0-9]{1,5})");
    private static final int LAST_PORT = 65_535;

    @Override
    public String convert(String text) {
        for (String server : text.split(",", -1)) {
            var matcher = SERVER.matcher(server);
            if (!matcher.matches() || Integer.parseInt(matcher.group(1)) > LAST_PORT) {
                throw new TypeConversionException(
                        "\"" + server + "\" is not host:port with a port up to " + LAST_PORT + ", as in broker:9092");
            }
        }
        return text;
    }
}
