package io.parley.checkpoints;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.el.ExtendedSyntaxBuilder;
import com.hubspot.jinjava.el.TruthyTypeConverter;
import com.hubspot.jinjava.el.ext.AdditionOperator;
import com.hubspot.jinjava.el.ext.AstDict;
import com.hubspot.jinjava.el.ext.AstList;
import com.hubspot.jinjava.el.ext.AstRangeBracket;
import com.hubspot.jinjava.el.ext.AstTuple;
import com.hubspot.jinjava.el.ext.CollectionMembershipOperator;
import com.hubspot.jinjava.el.ext.CollectionNonMembershipOperator;
import com.hubspot.jinjava.el.ext.ExtendedParser;
import com.hubspot.jinjava.el.ext.StringConcatOperator;
import com.hubspot.jinjava.interpret.Context;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import com.hubspot.jinjava.objects.SafeString;
import java.util.Collection;
import java.util.Map;
import java.util.Properties;
import jinjava.de.odysseus.el.ExpressionFactoryImpl;
import jinjava.de.odysseus.el.misc.TypeConverter;
import jinjava.de.odysseus.el.tree.Bindings;
import jinjava.de.odysseus.el.tree.TreeBuilder;
import jinjava.de.odysseus.el.tree.impl.Builder;
import jinjava.de.odysseus.el.tree.impl.Parser;
import jinjava.de.odysseus.el.tree.impl.ast.AstBinary;
import jinjava.de.odysseus.el.tree.impl.ast.AstBracket;
import jinjava.de.odysseus.el.tree.impl.ast.AstNode;
import jinjava.de.odysseus.el.tree.impl.ast.AstParameters;
import jinjava.de.odysseus.el.tree.impl.ast.AstRightValue;
import jinjava.javax.el.ELContext;
import jinjava.javax.el.ExpressionFactory;

/**
 * One rendering of a chat template, which ends after a number of steps and at its first error. An expression is a step each time
 * that it is evaluated, and so are 64 characters of its own, and 256 characters, or 16 elements, that it reads or makes. A value
 * counts as often as it is reached: one that stands twice in a list counts twice, because comparing or writing it takes twice as
 * long.
 */
final class BoundedRendering extends JinjavaInterpreter {
    static final int MOST_STEPS = 100_000;
    static final int MOST_CHARACTERS = 1 << 20;
    static final int MOST_ELEMENTS = 10_000;
    static final int MOST_DEPTH = 64;
    private static final int STEP = 256;
    private static final int ELEMENT = 16;
    /** A character of an expression stands for part of an operation, which takes longer than to read a character. */
    private static final int OPERATION = 4;
    /** So many characters of what is searched for are compared in the time in which one is read otherwise. */
    private static final int COMPARED = 8;

    private static final ExpressionFactory EXPRESSIONS = new ExpressionFactoryImpl(new Properties(), new TruthyTypeConverter()) {
        @Override
        protected TreeBuilder createTreeBuilder(Properties properties, Builder.Feature... features) {
            return new Expressions(features);
        }
    };

    private static final AstBinary.Operator SUM = new AstBinary.SimpleOperator() {
        @Override
        protected Object apply(TypeConverter converter, Object left, Object right) {
            return JinjaParts.sum(converter, left, right);
        }
    };

    private static final AstBinary.Operator CONCATENATION = new AstBinary.SimpleOperator() {
        @Override
        protected Object apply(TypeConverter converter, Object left, Object right) {
            return JinjaParts.concatenated(left, right);
        }
    };

    private long done;

    BoundedRendering(Jinjava jinjava, Context context) {
        super(jinjava, context, jinjava.getGlobalConfig());
    }

    /** jinjava, whose expressions count what their operators touch, and call no functions but those that templates have. */
    static Jinjava jinjava(JinjavaConfig config) {
        // Some of its own tell the time. A call of a macro that never ran would come to one that has the macro's name.
        Context global = new Context() {
            @Override
            public Collection<ELFunctionDefinition> getAllFunctions() {
                return super.getAllFunctions().stream().filter(function -> function.getLocalName().equals(TemplateSource.REFUSE)
                        || TemplateSource.FUNCTIONS.contains(function.getLocalName())).toList();
            }

            // Every rendering would tell it what it has met, and several at once would break sets that nobody reads.
            @Override
            public void addResolvedExpression(String expression) {}

            @Override
            public void addResolvedValue(String value) {}

            @Override
            public void addResolvedFunction(String function) {}
        };
        return new Jinjava(config) {
            @Override
            public Context getGlobalContext() {
                return global;
            }

            @Override
            public ExpressionFactory getExpressionFactory() {
                return EXPRESSIONS;
            }
        };
    }

    @Override
    public Object resolveELExpression(String expression, int line) {
        count(STEP + OPERATION * (long) expression.length());
        return super.resolveELExpression(expression, line);
    }

    /** jinjava would go on and collect further ones. */
    @Override
    public void addError(TemplateError error) {
        throw new IllegalStateException(error.getMessage(), error.getException());
    }

    private void count(long characters) {
        done += characters;
        if (done > (long) MOST_STEPS * STEP) {
            throw new IllegalStateException("it goes on for more than " + MOST_STEPS + " steps");
        }
    }

    static void countSteps(int steps) {
        ((BoundedRendering) getCurrent()).count((long) steps * STEP);
    }

    static void countElements(int elements) {
        ((BoundedRendering) getCurrent()).count((long) elements * ELEMENT);
    }

    static void countCharacters(CharSequence text) {
        ((BoundedRendering) getCurrent()).count(text.length());
    }

    /** A search compares, at worst, all of what is searched for at every character. */
    static void countSearch(CharSequence text, CharSequence part) {
        ((BoundedRendering) getCurrent()).count((long) text.length() * (1 + part.length() / COMPARED));
    }

    /** Counts a value with all that it holds. */
    static <T> T counted(T value) {
        countAll(value, 0);
        return value;
    }

    private static void countAll(Object value, int depth) {
        if (depth > MOST_DEPTH) {
            throw new IllegalStateException("lists or dictionaries stand in each other more than " + MOST_DEPTH + " deep");
        }
        if (value instanceof CharSequence text) {
            countCharacters(text);
        } else if (value instanceof SafeString) {
            countCharacters(value.toString());
        } else if (value instanceof Collection<?> collection) {
            countElements(collection.size());
            collection.forEach(element -> countAll(element, depth + 1));
        } else if (value instanceof Map<?, ?> map) {
            countElements(map.size());
            map.forEach((key, element) -> {
                countAll(key, depth + 1);
                countAll(element, depth + 1);
            });
        }
    }

    /** What a template makes may not be longer than what it may write. */
    static void requireShort(String use, long characters) {
        if (characters > MOST_CHARACTERS) {
            throw new IllegalStateException("'" + use + "' would make more than " + MOST_CHARACTERS + " characters");
        }
    }

    /** An operand that is counted when it is evaluated. */
    private static final class Operand extends AstRightValue {
        private final AstNode node;

        Operand(AstNode node) {
            this.node = node;
        }

        @Override
        public Object eval(Bindings bindings, ELContext context) {
            return counted(node.eval(bindings, context));
        }

        @Override
        public void appendStructure(StringBuilder structure, Bindings bindings) {
            node.appendStructure(structure, bindings);
        }

        @Override
        public int getCardinality() {
            return 1;
        }

        @Override
        public AstNode getChild(int i) {
            return node;
        }
    }

    private static final class In extends CollectionMembershipOperator {
        @Override
        public Object apply(TypeConverter converter, Object part, Object whole) {
            if (part != null && whole instanceof CharSequence text) {
                countSearch(text, part.toString());
            }
            return super.apply(converter, part, whole);
        }
    }

    private static final class NotIn extends CollectionNonMembershipOperator {
        @Override
        public Object apply(TypeConverter converter, Object part, Object whole) {
            return !(Boolean) new In().apply(converter, part, whole);
        }
    }

    private static final class Expressions extends ExtendedSyntaxBuilder {
        Expressions(Feature... features) {
            super(features);
        }

        @Override
        protected Parser createParser(String expression) {
            return new Expression(this, expression);
        }
    }

    private static final class Expression extends ExtendedParser {
        Expression(Builder builder, String expression) {
            super(builder, expression);
            putExtensionHandler(StringConcatOperator.TOKEN, operator(ExtensionPoint.ADD, CONCATENATION));
            putExtensionHandler(CollectionMembershipOperator.TOKEN, operator(ExtensionPoint.CMP, new In()));
            putExtensionHandler(CollectionNonMembershipOperator.TOKEN, operator(ExtensionPoint.CMP, new NotIn()));
        }

        private static ExtensionHandler operator(ExtensionPoint point, AstBinary.Operator operator) {
            return new ExtensionHandler(point) {
                @Override
                public AstNode createAstNode(AstNode... children) {
                    return new AstBinary(new Operand(children[0]), new Operand(children[1]), operator);
                }
            };
        }

        @Override
        protected AstBinary createAstBinary(AstNode left, AstNode right, AstBinary.Operator operator) {
            return super.createAstBinary(new Operand(left), new Operand(right),
                    operator == AdditionOperator.OP ? SUM : operator);
        }

        @Override
        protected AstBracket createAstBracket(AstNode base, AstNode property, boolean isLeft, boolean isStrict) {
            return super.createAstBracket(base, new Operand(property), isLeft, isStrict);
        }

        @Override
        protected AstRangeBracket createAstRangeBracket(AstNode base, AstNode from, AstNode to, boolean isLeft,
                boolean isStrict) {
            return super.createAstRangeBracket(new Operand(base), from, to, isLeft, isStrict);
        }

        @Override
        protected AstList createAstList(AstParameters elements) {
            return new AstList(elements) {
                @Override
                public Object eval(Bindings bindings, ELContext context) {
                    return counted(super.eval(bindings, context));
                }
            };
        }

        @Override
        protected AstTuple createAstTuple(AstParameters elements) {
            return new AstTuple(elements) {
                @Override
                public Object eval(Bindings bindings, ELContext context) {
                    return counted(super.eval(bindings, context));
                }
            };
        }

        @Override
        protected AstDict createAstDict(Map<AstNode, AstNode> entries) {
            return new AstDict(entries) {
                @Override
                public Object eval(Bindings bindings, ELContext context) {
                    entries.keySet().forEach(key -> counted(key.eval(bindings, context)));
                    return super.eval(bindings, context);
                }
            };
        }
    }
}
