m = FastLanguageModel.from_pretrained(model_name = 'a/b', load_in_4bit = True)
