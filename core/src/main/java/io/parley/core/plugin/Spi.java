package io.parley.core.plugin;

/** The version of the service provider interface. */
public final class Spi {
    /**
     * Providers return this constant from {@link Provider#spiVersion()}. The compiler copies it into their
     * class file, so that it names the version they were compiled against.
     */
    public static final int VERSION = 1;

    private Spi() {}
}
