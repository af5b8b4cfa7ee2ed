package io.gpufleet.telemetry.codec;

import java.util.Map;

/**
 * A function that names the host of a GPU. It may answer otherwise for another record; in a record it is asked once or
 * more for each set of labels. Implementations are thread-safe.
 */
@FunctionalInterface
public interface HostResolver {

    /**
     * Names a host.
     *
     * @param labels the labels of a row by name, without empty ones, unmodifiable
     * @param host the host that the decoder found, or the empty text
     * @return the host, or the empty text if it is not known
     */
    String resolve(Map<String, String> labels, String host);
}
