package io.parley.benchmarks.cells;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.parley.benchmarks.experiment.InputException;
import io.parley.core.plugin.ConfigurationException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.ReadOnlyFileSystemException;

/** Puts what went wrong in words for people. */
public final class Failures {
    private Failures() {}

    /** One line: what went wrong, and where; in which method of which jar, if a plugin from a jar had a part in it. */
    public static String describe(Throwable e) {
        String culprit = Culprit.in(e);
        return problem(e) + (culprit == null ? "" : " (in " + culprit + ")");
    }

    private static String problem(Throwable e) {
        if (e instanceof ConfigurationException || e instanceof InputException || e instanceof PluginException
                || e instanceof JsonProcessingException) {
            return e.getMessage();
        }
        if (e instanceof AccessDeniedException denied) {
            return denied.getFile() + ": permission denied; choose a folder that you may read and write";
        }
        if (e instanceof NoSuchFileException missing) {
            return missing.getFile() + ": no such file or folder";
        }
        if (e instanceof NotDirectoryException no) {
            return no.getFile() + ": not a folder";
        }
        if (e instanceof ReadOnlyFileSystemException || mentions(e, "Read-only file system")) {
            return e.getMessage() + "; choose a folder on a file system that can be written";
        }
        if (e instanceof IOException && (mentions(e, "No space left") || mentions(e, "File too large") || mentions(e, "quota"))) {
            return "the disk is full (" + e.getMessage() + "); make room and try again";
        }
        if (e instanceof FileSystemException || e instanceof IOException && e.getMessage() != null) {
            return e.getMessage();
        }
        return e.getClass().getSimpleName() + (e.getMessage() == null ? "" : ": " + e.getMessage());
    }

    /** Why a text is not the JSON that it should be, without Jackson's word on where it came from. */
    public static String describeJson(JsonProcessingException e) {
        return e.getOriginalMessage().replaceAll(" \\(start marker at .*", "");
    }

    private static boolean mentions(Throwable e, String text) {
        return e.getMessage() != null && e.getMessage().contains(text);
    }
}
