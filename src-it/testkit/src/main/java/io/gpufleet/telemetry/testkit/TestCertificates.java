package io.gpufleet.telemetry.testkit;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A certificate authority for tests, and the certificates that it has signed: valid for two days, created with the
 * JDK's own {@code keytool} in a temporary directory. Each object is another authority, not trusted by clients of the
 * others.
 *
 * <p>{@link #close()} and a shutdown hook delete all files. Thread-safe.
 */
public final class TestCertificates implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String AUTHORITY = "authority";
    private static final String PASSWORD_VARIABLE = "STORE_PASSWORD";
    private static final String PKCS12 = "PKCS12";

    private final Object lock = new Object();
    private final Path directory = Directories.createTemporary("telemetry-certificates-");
    private final String password = UUID.randomUUID().toString();
    private final AtomicInteger issued = new AtomicInteger();
    private final Runnable closeAtExit = this::close;

    private TestCertificates() {
        CloseAtExit.add(closeAtExit);
    }

    /**
     * Creates an authority.
     *
     * @return an authority, which the caller closes
     * @throws IllegalStateException if {@code keytool} fails
     */
    public static TestCertificates create() {
        TestCertificates certificates = new TestCertificates();
        try {
            certificates.makeAuthority();
        } catch (RuntimeException | Error e) {
            certificates.close();
            throw e;
        }
        return certificates;
    }

    private void makeAuthority() {
        generate(AUTHORITY, "-ext", "bc:c", "-ext", "ku:c=keyCertSign");
        try {
            Certificate authority = store().getCertificate(AUTHORITY);
            write(authorityPem(), pem("CERTIFICATE", authority.getEncoded()));
            KeyStore trusted = KeyStore.getInstance(PKCS12);
            trusted.load(null, null);
            trusted.setCertificateEntry(AUTHORITY, authority);
            write(trustStore(), trusted);
        } catch (GeneralSecurityException | IOException e) {
            throw failure("make an authority", e);
        }
    }

    /**
     * Returns the authority's certificate, for {@code sslrootcert}.
     *
     * @return a PEM file
     */
    public Path authorityPem() {
        return directory.resolve("authority.pem");
    }

    /**
     * Returns a store that trusts this authority alone, for {@code ssl.truststore.location}.
     *
     * @return a PKCS12 file
     */
    public Path trustStore() {
        return directory.resolve("trust.p12");
    }

    /**
     * Returns the password of all stores.
     *
     * @return another one for each authority
     */
    public String storePassword() {
        return password;
    }

    /**
     * Signs a certificate of a server.
     *
     * @param host the only name that it is valid for, {@code localhost} for a server of this kit
     * @return the certificate and its key
     * @throws IllegalStateException if {@code keytool} fails
     */
    public ServerCertificate issue(String host) {
        requireNonNull(host, "host");
        String alias = "server-" + issued.incrementAndGet();
        synchronized (lock) {
            generate(alias, "-signer", AUTHORITY, "-ext", "san=dns:" + host);
            try {
                return export(alias, store());
            } catch (GeneralSecurityException | IOException e) {
                throw failure("issue a certificate for " + host, e);
            }
        }
    }

    private ServerCertificate export(String alias, KeyStore all) throws GeneralSecurityException, IOException {
        Key key = all.getKey(alias, password.toCharArray());
        Certificate[] chain = all.getCertificateChain(alias);
        KeyStore own = KeyStore.getInstance(PKCS12);
        own.load(null, null);
        own.setKeyEntry(alias, key, password.toCharArray(), chain);
        Path base = directory.resolve(alias);
        ServerCertificate certificate = new ServerCertificate(
                base.resolveSibling(alias + ".p12"),
                password,
                base.resolveSibling(alias + ".pem"),
                base.resolveSibling(alias + ".key"));
        write(certificate.keyStore(), own);
        write(certificate.pem(), pem("CERTIFICATE", chain[0].getEncoded()));
        write(certificate.keyPem(), pem("PRIVATE KEY", key.getEncoded()));
        return certificate;
    }

    /** Deletes all files. */
    @Override
    public void close() {
        CloseAtExit.remove(closeAtExit);
        if (Files.exists(directory)) {
            Directories.delete(directory);
        }
    }

    @Override
    public String toString() {
        return "test certificates in " + directory;
    }

    private Path all() {
        return directory.resolve("all.p12");
    }

    private KeyStore store() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(PKCS12);
        try (InputStream stream = Files.newInputStream(all())) {
            store.load(stream, password.toCharArray());
        }
        return store;
    }

    private void generate(String alias, String... more) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair"));
        command.addAll(List.of("-alias", alias, "-dname", name(alias), "-keyalg", "EC", "-groupname", "secp256r1"));
        command.addAll(List.of("-validity", "2", "-storetype", PKCS12, "-keystore", all().toString()));
        command.addAll(List.of("-storepass:env", PASSWORD_VARIABLE));
        command.addAll(List.of(more));
        Path log = directory.resolve("keytool.log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().put(PASSWORD_VARIABLE, password);
        try {
            int code = ChildProcess.awaitExit(builder.start(), LIMIT);
            if (code != 0) {
                throw new IllegalStateException("keytool ended with code " + code + ": " + Files.readString(log));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run keytool", e);
        }
    }

    /** Returns a name; every authority has its own, as real ones do. */
    private String name(String alias) {
        return "CN=" + alias + " of " + directory.getFileName();
    }

    private void write(Path file, KeyStore store) throws GeneralSecurityException, IOException {
        try (OutputStream stream = Files.newOutputStream(file)) {
            store.store(stream, password.toCharArray());
        }
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text, StandardCharsets.US_ASCII);
    }

    private static String pem(String kind, byte[] content) {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN " + kind + "-----\n" + lines + "\n-----END " + kind + "-----\n";
    }

    private static IllegalStateException failure(String what, Exception cause) {
        return new IllegalStateException("cannot " + what + ": " + cause.getMessage(), cause);
    }

    /**
     * The certificate of a server and its key, in the forms that Kafka and PostgreSQL take. Immutable.
     *
     * @param keyStore both as a PKCS12 file
     * @param storePassword the password of the store and of its key
     * @param pem the certificate as a PEM file
     * @param keyPem the key as a PEM file without a password
     */
    public record ServerCertificate(Path keyStore, String storePassword, Path pem, Path keyPem) {
        /** Returns the names of the files. */
        @Override
        public String toString() {
            return "certificate " + pem;
        }
    }
}
