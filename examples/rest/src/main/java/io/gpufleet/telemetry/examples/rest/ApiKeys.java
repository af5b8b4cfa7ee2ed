package io.gpufleet.telemetry.examples.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The keys of the callers, by name. Only their digests are kept, and a comparison takes the same time wherever two keys
 * differ. Immutable.
 *
 * <pre>{@code
 * TELEMETRY_API_KEYS="grafana=3k9…,ops=Zt0…"
 * }</pre>
 */
public final class ApiKeys {
    /** The environment variable of the keys. */
    static final String VARIABLE = "TELEMETRY_API_KEYS";

    private static final Pattern ENTRY = Pattern.compile("([A-Za-z0-9._-]{1,64})=([!-+\\--~]+)");

    private final Map<String, byte[]> digests;

    private ApiKeys(Map<String, byte[]> digests) {
        this.digests = digests;
    }

    /**
     * Reads keys.
     *
     * @param text {@code name=key} with commas or line ends between; a key is of visible ASCII characters but commas
     * @return the keys
     * @throws IllegalArgumentException with the place of the entry, never with its text, if an entry has another form,
     *     or if a name or a key stands twice
     */
    public static ApiKeys parse(String text) {
        Map<String, byte[]> digests = new LinkedHashMap<>();
        int number = 0;
        for (String entry : text.split("[,\r\n]", -1)) {
            number++;
            if (!entry.isBlank()) {
                add(number, entry.strip(), digests);
            }
        }
        return new ApiKeys(digests);
    }

    private static void add(int number, String entry, Map<String, byte[]> digests) {
        Matcher parts = ENTRY.matcher(entry);
        if (!parts.matches()) {
            throw refused(
                    number,
                    "is not name=key; allowed: letters, digits, dots, underscores and hyphens for the"
                            + " name, visible ASCII characters but commas for the key");
        }
        byte[] digest = digest(parts.group(2));
        if (digests.values().stream().anyMatch(other -> MessageDigest.isEqual(other, digest))) {
            throw refused(number, "has the key of an entry before it; give each name its own key");
        }
        if (digests.put(parts.group(1), digest) != null) {
            throw refused(number, "has the name of an entry before it; give each key its own name");
        }
    }

    private static IllegalArgumentException refused(int number, String fault) {
        return new IllegalArgumentException(VARIABLE + ": entry " + number + " " + fault);
    }

    /**
     * Returns whether there are no keys.
     *
     * @return true if no caller can be admitted by a key
     */
    public boolean isEmpty() {
        return digests.isEmpty();
    }

    /**
     * Returns the owner of a key.
     *
     * @param key any text
     * @return the name; absent if there is no such key
     */
    public Optional<String> owner(String key) {
        byte[] asked = digest(key);
        Optional<String> owner = Optional.empty();
        for (Map.Entry<String, byte[]> known : digests.entrySet()) {
            if (MessageDigest.isEqual(known.getValue(), asked)) {
                owner = Optional.of(known.getKey());
            }
        }
        return owner;
    }

    private static byte[] digest(String key) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(key.getBytes(UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }

    /** Returns the names. */
    @Override
    public String toString() {
        return digests.keySet().toString();
    }
}
