#!/usr/bin/env python3
"""Write resources/io/parley/checkpoints/templates.json: what Jinja makes of constructs that chat templates use.

    python3 -m venv env && env/bin/pip install jinja2==3.1.6
    env/bin/python checkpoints/src/test/python/templates.py

Jinja is set up as transformers does it. Every template is rendered for every chat; where Jinja refuses, the output is null.
"""
import json
import pathlib

from jinja2 import ext, exceptions
from jinja2.sandbox import ImmutableSandboxedEnvironment

RESOURCES = pathlib.Path(__file__).resolve().parent.parent / "resources/io/parley/checkpoints"

CHATS = [
    [("system", " Be brief.\n"), ("user", "hi"), ("assistant", "yo\n"), ("user", "<b>x & 'y' \"</b>")],
    [("user", "{{ 7 * 7 }} {% if %} {# no #} $& \\n \\"), ("assistant", "False"), ("user", "<think>no</think>\n\nfalse")],
    [("user", ""), ("assistant", "<think>\nhm\n</think>\n\nna\u00efve \u6f22\u5b57 \U0001f642"), ("user", "a<|im_end|>b")],
    [("user", "false")],
]

TEMPLATES = {
    "text and whitespace around blocks": """\
  a
  {% for m in messages %}
    {{ m.role }}
    {%- if loop.first %}

      first {%- endif %}
  {% endfor %}
  b {# a comment
  of two lines #}
  {#- c -#}
  d
""",
    "plus keeps white space": "a\n  {%+ if true %}b\n  {%+ endif +%}\nc\n",
    "two line ends at the end": "a {{ 1 }}\n\n",
    "carriage returns": "a\r\n{% if true %}\r\nb\r\n{% endif %}\r\nc",
    "no line after a comment": "{# x #}\na{# y #}\n\nb",
    "blanks behind a block": "{% if true %}  \n  a{% endif %}  \n",
    "braces and ends in strings": "{{ '{{' }}{{ '}}' ~ '%}' }}{{ \"{% if %}\" }}{% if '%}' == '%}' %}{{ '#}' }}{% endif %}",
    "escapes in strings": r"""{{ 'a\nb\t\\n\'"' }}{{ "it's \"so\"" }}{{ 'a' "b" }}""",
    "a dictionary right before the end": "{{ {'a': {'b': 'c'}}['a']['b'] }}",
    "chatml": "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nDo."
              "<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
              "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    "one line a block": """\
{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>\n' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>\n' + message['content'] + eos_token }}
{% else %}
{{ '<|assistant|>\n'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}
""",
    "a filter binds tighter than a sum": "{% for m in messages %}{{ '<' + m['role'] + '>\n\n' + m['content'] | trim + '<e>' }}{% endfor %}",
    "set in a loop and in a condition": "{% set a = 1 %}{% for m in messages %}{% set a = 2 %}{% set c = '[' + m.content + ']' %}"
                                        "{% if loop.index0 == 0 %}{% set c = bos_token + c %}{% endif %}{{ c }}{% endfor %}{{ a }}",
    "namespace": "{% set ns = namespace(n=messages|length - 1, seen=not true) %}{% for m in messages %}{% if m.role == 'user' %}"
                 "{% set ns.n = ns.n + 2 %}{% set ns.seen = true %}{% endif %}{% endfor %}{{ ns.n }}{{ 'y' if ns.seen else 'n' }}",
    "roles must alternate": "{{ bos_token }}{% for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}"
                            "{{ raise_exception('roles must alternate') }}{% endif %}{{ m.content }}{% endfor %}",
    "the system message goes to the last turn": """\
{%- if messages[0]["role"] == "system" %}
    {%- set system_message = messages[0]["content"] %}
    {%- set turns = messages[1:] %}
{%- else %}
    {%- set turns = messages %}
{%- endif %}
{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}
{%- set asked = turns | selectattr("role", "equalto", "user") | list %}
{{- bos_token }}
{%- for m in turns %}
    {%- if m["role"] == "user" %}
        {%- if tools is not none and (m == asked[-1]) %}
            {%- for tool in tools %}{{- tool | tojson }}{%- endfor %}
        {%- endif %}
        {%- if loop.last and system_message is defined %}
            {{- "[I] " + system_message + "\\n\\n" + m["content"] + "[/I]" }}
        {%- else %}
            {{- "[I] " + m["content"] + "[/I]" }}
        {%- endif %}
    {%- elif m.calls is defined and m.calls is not none %}
        {{- "[C]" }}
    {%- elif m["role"] == "assistant" %}
        {{- " " + m["content"] | trim + eos_token }}
    {%- endif %}
{%- endfor %}
{{- asked | length }}
""",
    "dates and tools that are not there": """\
{%- if not date is defined %}
    {%- if clock is defined %}
        {%- set date = clock("%d %b %Y") %}
    {%- else %}
        {%- set date = "26 Jul 2024" %}
    {%- endif %}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "Today: " + date + "\\n" }}
{%- if tools is not none and tools | length > 0 %}
    {{- "Tools" }}
{%- endif %}
{{- system_message }}
{%- if true and not tools is none %}{{- 'tools' }}{%- endif %}
{%- for message in messages %}
    {%- if not (message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<' + message['role'] + '>' + message['content'] | trim + '<e>' }}
    {%- endif %}
{%- endfor %}
""",
    "thoughts are left out": """\
{%- set ns = namespace(open=true, last=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.open and message.role == "user" and message.content is string and not(message.content.startswith('<t>') and message.content.endswith('</t>')) %}
        {%- set ns.open = false %}
        {%- set ns.last = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.content is string %}{%- set content = message.content %}{%- else %}{%- set content = '' %}{%- endif %}
    {%- if message.role == "assistant" and not message.tool_calls %}
        {%- set thoughts = '' %}
        {%- if message.reasoning is string %}
            {%- set thoughts = message.reasoning %}
        {%- elif '</think>' in content %}
            {%- set thoughts = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {%- if loop.index0 > ns.last and (loop.last or (not loop.last and thoughts)) %}
            {{- '<a>' + thoughts.strip('\\n') + content.lstrip('\\n') }}
        {%- else %}
            {{- '<a>' + content }}
        {%- endif %}
    {%- else %}
        {{- '<' + message.role[0] + '>' + content }}
    {%- endif %}
{%- endfor %}
{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>' }}{%- endif %}
""",
    "the reach of not": "{{ 'x' if not 'a' == 'b' else 'y' }}{{ 'x' if not 'a' in 'abc' else 'y' }}{{ 'x' if not 'a' == 'a' and true else 'y' }}"
                        "{{ 'x' if not (not true) else 'y' }}{{ 'x' if 'a' not in ['b'] and not x is defined else 'y' }}",
    "defined and none": "{{ 'x' if tools is defined and tools is none else 'y' }}{{ 'x' if nothing is none else 'y' }}{{ 'x' if tools else 'y' }}"
                        "{{ messages[0].get('no') }}{{ messages[0].get('no', 'd') }}{{ messages[0].no }}{{ nothing }}{{ none }}{{ 'a' ~ nothing }}",
    "what counts as false": "{% for x in ['', 'a', 0, 1, [], [0], {}, none, '0', messages[0].content] %}{{ 't' if x else 'f' }}{% endfor %}",
    "a message that says false": "{% for m in messages %}{% if m.content %}{{ m.content }}{% endif %}{{ 'x' if m.content | trim else 'y' }}{% endfor %}",
    "and, or and conditions as values": "{{ nothing or 'd' }}{{ messages[0].role or 'd' }}{{ 'a' + 'b' if nothing else 'c' + 'd' }}{{ 'q' if nothing }}",
    "slices and indices": "{{ messages[1:]|length }}{{ messages[:-1]|length }}{{ messages[:]|length }}{{ messages[-1].role }}{{ 'hello'[1:-1] }}"
                          "{{ 'hello'[0] }}{{ 'hello'[-1] }}{{ 'hello'[::-1] }}{{ ['a', 'b'][1] }}{{ (messages | first).role }}{{ (messages|last).role }}",
    "loops": "{% for m in messages %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.length }}"
             "{{ 'F' if loop.first }}{{ 'L' if loop.last }}{% if loop.index0 == 1 %}{% continue %}{% endif %}{{ m.role }}"
             "{% if loop.index0 == 2 %}{% break %}{% endif %}{% endfor %}",
    "keys and values": "{% for k, v in {'a': 'x', \"b\": 'y'}.items() %}{{ k }}={{ v }};{% endfor %}{% for k, v in {'a': 1} | items %}{{ k }}{{ v }}"
                       "{% endfor %}{% for k in {'q': 1} %}{{ k }}{% endfor %}",
    "json": "{{ {'b': '1', \"a\": {'c': none}, 'd': [1, true, 'x']} | tojson }}{{ messages[0].content | tojson }}{{ [] | tojson }}{{ {} | tojson }}",
    "macros": "{% macro turn(m, end='.') %}<{{ m.role }}{{ end }}{% if m.content %}!{% endif %}>{% endmacro %}"
              "{% for m in messages %}{{ turn(m) }}{{ turn(m, end='?') + '|' }}{% endfor %}",
    "set with a body": "{% set x %} a {{ 1 }}\n b {% endset %}[{{ x }}]{{ x|length }}",
    "methods and filters of strings": "{{ ' a  b '.split(' ') | join('|') }}{{ 'xaxbx'.strip('x') }}{{ '\n\na\n'.lstrip('\n') }}|{{ '\u00a0 \u00e9 \u2003' | trim }}|"
                                      "{{ 'aXbX'.replace('X', '') }}{{ 'a.b' | replace('.', '$') }}{{ 'a' | upper }}{{ 'A'.lower() }}"
                                      "{{ \"they're ok\".title() }}{{ 'hELLO' | capitalize }}{{ 'a|b|'.split('|') | length }}{{ nothing | default('d') }}"
                                      "{{ '' | default('d', true) }}{{ 'ab' | list | join('-') }}{{ ['a', 'b'] | reverse | join }}",
    "sums": "{{ 1 + 2 * 3 }}{{ 7 // 2 }}{{ (1 + 2) * 3 }}{{ 2-1 }}{{ 7 % 4 }}{{ messages|length - 1 }}{{ 1 ~ 2 }}{{ 'a' ~ 1 }}",
    "tests": "{% for x in ['a', 1, none, [], {}, true] %}{{ 's' if x is string }}{{ 'm' if x is mapping }}{{ 'i' if x is iterable }}"
             "{{ 'q' if x is sequence }}{{ 'n' if x is none }}{{ 'b' if x is boolean }}{{ 't' if x is true }}{{ 'x' if x is not string }};{% endfor %}",
    "a branch that is not taken": "{% if messages[0].content is string %}a{% else %}{% for c in messages[0].content if c.type == 'text' %}"
                                  "{{ c.text }}{% endfor %}{{ messages[::2] | map(attribute='role') | join }}{{ messages | groupby('role') }}{% endif %}",
    "a date that is asked for and not written": "{% set day = strftime_now('%d %b %Y') if strftime_now is defined else 'no day' %}{{ 'a' }}",
    "ranges": "{% for i in range(3) %}{{ i }}{% endfor %}{% for i in range(1, messages|length) %}{{ messages[i].role }}{% endfor %}"
              "{{ range(5, 0, -2) | list | join(',') }}",
    "a string over two lines": "{{ 'a\\\nb' }}",
    "elements by their attributes": "{{ messages | rejectattr('role', 'equalto', 'system') | selectattr('calls', 'undefined') | list | length }}"
                                    "{{ messages | selectattr('content') | list | length }}{{ messages | selectattr('role', 'eq', 'user') | list | length }}",
    "names with underscores": "{% set _a = 'x' %}{% for _ in [1, 2] %}{{ _a }}{% endfor %}",
}


def refuse(message):
    raise exceptions.TemplateError(message)


def main():
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[ext.loopcontrols])
    environment.filters["tojson"] = lambda value: json.dumps(value, ensure_ascii=False)
    environment.globals["raise_exception"] = refuse
    chats = [[{"role": role, "content": content} for role, content in chat] for chat in CHATS]
    templates = []
    for name, source in TEMPLATES.items():
        outputs = []
        for chat in chats:
            try:
                outputs.append(environment.from_string(source).render(
                    messages=chat, add_generation_prompt=True, bos_token="<s>", eos_token="</s>", tools=None, documents=None))
            except exceptions.TemplateError as e:
                assert str(e) == "roles must alternate", (name, e)
                outputs.append(None)
        templates.append({"name": name, "template": source, "outputs": outputs})
    RESOURCES.mkdir(parents=True, exist_ok=True)
    (RESOURCES / "templates.json").write_text(json.dumps({"chats": chats, "templates": templates}, indent=1) + "\n")


if __name__ == "__main__":
    main()
