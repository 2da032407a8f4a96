"""Scores responses with an exported policy on plain ONNX Runtime: python score_onnx.py MODEL.onnx < REQUESTS.jsonl

Needs numpy and onnxruntime; with the package onnx installed the file is checked too. A request is one line of JSON:
{"prompt": [{"role": "system", "text": "..."}, {"role": "user", "text": "..."}], "response": "...", "logProbs": [...]}.
Prints the natural log-probability of each token of the response. Where the request holds logProbs, the last line says
how far they are from what was computed, and the exit code is 1 when that is more than 1e-5.
"""
import json
import re
import sys

import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
metadata = session.get_modelmeta().custom_metadata_map
policy = json.loads(metadata["parley.policy"])
try:
    import onnx

    onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)
    print("valid for onnx.checker", onnx.__version__, file=sys.stderr)
except ImportError:
    print("the package onnx is not installed: not checked", file=sys.stderr)


def log_softmax(logits):
    shifted = logits.astype(np.float64) - logits.max()
    return shifted - np.log(np.exp(shifted).sum())


def mlp(prompt, response):
    """One step a position. System words stand at the first places, dialogue words at the last."""
    text = policy["text"]
    index = {word: i for i, word in enumerate(text["words"])}
    said = lambda system: [index[w] for s in prompt if (s["role"] == "system") == system for w in s["text"].split()]
    system, dialogue = said(True), said(False)
    places = text["maxSystemWords"] + text["maxDialogueWords"]
    words = np.full((1, places), len(index), np.int64)
    words[0, :len(system)] = system
    words[0, places - len(dialogue):] = dialogue
    state = np.zeros((1, policy["config"]["hidden"][-1]), np.float32)
    previous, result = 0, []
    for position, word in enumerate(response.split()):
        logits, _, state = session.run(["logits", "value", "next_state"], {
            "words": words, "state": state,
            "previous": np.array([previous]), "position": np.array([position])})
        previous = text["choices"][position].index(word)
        result.append(log_softmax(logits[0])[previous])
    return result


def transformer(prompt, response):
    """The prompt at once, then one token at a time with keys and values of those before."""
    roles = {"system": 1, "user": 2, "assistant": 3}
    index = {word: 4 + i for i, word in enumerate(policy["words"])}
    positions = policy["format"].get("positions")
    # In free text a punctuation mark is a word, and what is no word of the task has the last token.
    split = str.split if positions else lambda text: re.findall(r"[^\W_]+|[^\w\s]|_", text)
    tokens, role = [], None
    for segment in prompt:
        if segment["role"] != role:
            role = segment["role"]
            tokens.append(roles[role])
        tokens += [index.get(word, 4 + len(index)) for word in split(segment["text"])]
    tokens.append(roles["assistant"])
    answer = [index[word] for word in split(response)]
    if positions is None and len(answer) < policy["format"]["maxTokens"]:
        answer.append(0)
    config = policy["config"]
    past = np.zeros((1, config["heads"], 0, config["hidden"] // config["heads"]), np.float32)
    cache = {f"past_key_values.{i}.{part}": past for i in range(config["layers"]) for part in ("key", "value")}
    presents = [name.replace("past_key_values", "present") for name in cache]
    seen, result = 0, []
    for t, token in enumerate(answer):
        outputs = session.run(["logits"] + presents, {
            "input_ids": np.array([tokens]), "attention_mask": np.ones((1, seen + len(tokens)), np.int64),
            "position_ids": np.arange(seen, seen + len(tokens))[None], "num_logits_to_keep": np.array([1]), **cache})
        allowed = np.zeros(outputs[0].shape[-1], bool)
        allowed[[index[word] for word in positions[t]] if positions else [0] + list(range(4, 4 + len(index)))] = True
        result.append(log_softmax(np.where(allowed, outputs[0][0, -1], -1e30))[token])
        cache = dict(zip(cache, outputs[1:]))
        seen += len(tokens)
        tokens = [token]
    return result


score = {"mlp": mlp, "transformer": transformer}[policy["id"]]
furthest, compared = 0.0, 0
for line in sys.stdin:
    request = json.loads(line)
    found = score(request["prompt"], request["response"])
    if "logProbs" in request:
        furthest = max(furthest, max(abs(a - b) for a, b in zip(found, request["logProbs"], strict=True)))
        compared += 1
    else:
        print(json.dumps(found))
if compared:
    print(f"{compared} responses compared; log-probabilities differ by at most {furthest:.1e}")
    sys.exit(0 if furthest <= 1e-5 else 1)
