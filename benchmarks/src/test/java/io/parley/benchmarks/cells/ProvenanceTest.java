package io.parley.benchmarks.cells;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProvenanceTest {
    /** Lines as Linux writes them, of processors with and without. */
    @Test
    void bfloat16IsReadFromTheFlagsOfTheProcessor() {
        assertEquals("avx512_bf16, amx_bf16", flags("flags\t\t: fpu vme avx512f amx_bf16 avx512_bf16 amx_tile"));
        assertEquals("avx512_bf16", flags("flags\t\t: fpu avx512_bf16 avx512_vnni"));
        assertEquals("no", flags("flags\t\t: fpu vme avx2 avx512f"));
        assertEquals("unknown", flags("Features\t: fp asimd bf16"));
        assertEquals("unknown", Provenance.bfloat16(List.of()));
    }

    private static String flags(String line) {
        return Provenance.bfloat16(List.of("processor\t: 0", "model name\t: A", line, "vmx flags\t: amx_bf16"));
    }
}
