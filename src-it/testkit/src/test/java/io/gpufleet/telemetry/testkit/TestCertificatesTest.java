package io.gpufleet.telemetry.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SignatureException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.Test;

class TestCertificatesTest {
    @Test
    void certificate_isSignedByItsAuthorityForItsHostOnly() throws Exception {
        try (TestCertificates authority = TestCertificates.create();
                TestCertificates stranger = TestCertificates.create()) {
            X509Certificate certificate = read(authority.issue("localhost").pem());
            certificate.verify(read(authority.authorityPem()).getPublicKey());
            assertThatThrownBy(() ->
                            certificate.verify(read(stranger.authorityPem()).getPublicKey()))
                    .isInstanceOf(SignatureException.class);
            assertThat(certificate.getSubjectAlternativeNames())
                    .hasSize(1)
                    .allMatch(name -> name.contains("localhost"));
        }
    }

    @Test
    void close_deletesTheFiles() {
        TestCertificates authority = TestCertificates.create();
        Path key = authority.issue("localhost").keyPem();
        assertThat(key).exists();
        authority.close();
        authority.close();
        assertThat(key.getParent()).doesNotExist();
    }

    @Test
    void users_needTls() {
        assertThatThrownBy(() -> KafkaBroker.builder().scram("user", "secret").start())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("tls(…)")
                .hasMessageNotContaining("secret");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KafkaBroker.builder().scram("user", "a,b"))
                .withMessageNotContaining("a,b");
    }

    private static X509Certificate read(Path pem) throws IOException, GeneralSecurityException {
        try (InputStream stream = Files.newInputStream(pem)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(stream);
        }
    }
}
