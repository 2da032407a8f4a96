"""Train a pretrained model on pairs with TRL's DPOTrainer, on the CPU and without a network.

    python train_dpo.py CHECKPOINT PAIRS.jsonl OUT [--pairs COPY.jsonl]

CHECKPOINT is a folder as Hugging Face publishes it, PAIRS.jsonl what `./parley export CELL_DIR --to preferences` wrote. The
trained model goes to OUT; --pairs writes the pairs again as the datasets library does, which `{id: jsonl}` reads. The ids of the
first prompt, as the trainer reads it, are printed.
"""
import argparse
import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from datasets import load_dataset
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("checkpoint")
parser.add_argument("pairs_file", metavar="PAIRS.jsonl")
parser.add_argument("out")
parser.add_argument("--pairs", metavar="COPY.jsonl")
args = parser.parse_args()

pairs = load_dataset("json", data_files=args.pairs_file, split="train")
if args.pairs:
    pairs.to_json(args.pairs)
tokenizer = AutoTokenizer.from_pretrained(args.checkpoint)
print("first prompt:", tokenizer.apply_chat_template(pairs[0]["prompt"], add_generation_prompt=True)["input_ids"])
trainer = DPOTrainer(
    model=AutoModelForCausalLM.from_pretrained(args.checkpoint, dtype="float32"),
    args=DPOConfig(output_dir=args.out, num_train_epochs=1, per_device_train_batch_size=4, use_cpu=True, report_to="none",
                   save_strategy="no", logging_steps=1, dataloader_pin_memory=False),
    train_dataset=pairs, processing_class=tokenizer)
print("loss:", trainer.train().training_loss)
trainer.save_model(args.out)
