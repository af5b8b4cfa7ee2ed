package io.gpufleet.telemetry.heartbeat;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.TelemetryException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/**
 * The names of devices by their PCI ids: {@code vendor model}, for example {@code NVIDIA H100 PCIe}. An unknown part is
 * its id in hexadecimal: {@code NVIDIA 0x9999}, {@code 0x1234 0x5678}.
 *
 * <p>The known ids are properties: {@code 10de = NVIDIA} names a vendor, {@code 10de.2331 = H100 PCIe} a model; the ids
 * are four lower-case hexadecimal digits. A host extends the built-in ones with its own. Immutable.
 */
public final class DeviceNames {
    private static final String RESOURCE = "device-names.properties";
    private static final DeviceNames STANDARD = new DeviceNames(Map.of()).with(builtIn());

    private final Map<String, String> names;

    private DeviceNames(Map<String, String> names) {
        this.names = Map.copyOf(names);
    }

    /**
     * Returns the built-in names.
     *
     * @return names of common vendors and models
     */
    public static DeviceNames standard() {
        return STANDARD;
    }

    /**
     * Returns these names extended, or overridden, by others.
     *
     * @param more vendor and model names by id, as in this class's description
     * @return new names
     * @throws IllegalArgumentException if a key is not of the form {@code vvvv} or {@code vvvv.dddd}
     */
    public DeviceNames with(Properties more) {
        Map<String, String> merged = new HashMap<>(names);
        for (String id : more.stringPropertyNames()) {
            if (!id.matches("[0-9a-f]{4}(\\.[0-9a-f]{4})?")) {
                throw new IllegalArgumentException("\"" + id
                        + "\" is not a PCI id: four lower-case hexadecimal digits for a vendor, or" + " vendor.device");
            }
            merged.put(id, requireNonNull(more.getProperty(id), id));
        }
        return new DeviceNames(merged);
    }

    /**
     * Returns the name of a device.
     *
     * @param vendorId PCI vendor id, 0 to 65535
     * @param deviceId PCI device id, 0 to 65535
     * @return vendor and model
     */
    public String nameOf(int vendorId, int deviceId) {
        String vendor = hex(vendorId);
        String device = hex(deviceId);
        return names.getOrDefault(vendor, "0x" + vendor)
                + ' '
                + names.getOrDefault(vendor + '.' + device, "0x" + device);
    }

    private static String hex(int id) {
        Unsigned.requireShort("id", id);
        return Integer.toHexString(0x1_0000 | id).substring(1);
    }

    private static Properties builtIn() {
        try (InputStream stream = requireNonNull(DeviceNames.class.getResourceAsStream(RESOURCE), RESOURCE);
                Reader reader = new InputStreamReader(stream, StandardCharsets.UTF_8)) {
            Properties properties = new Properties();
            properties.load(reader);
            return properties;
        } catch (IOException e) {
            throw new TelemetryException("Cannot read the resource " + RESOURCE, e);
        }
    }
}
