"""spaCy with the parts that find no entities switched off: ARTICLES OUTPUT MODEL PROCESSES."""

import articles
import spacy


def main():
    source, output, model, (processes,) = articles.arguments()
    pipeline = spacy.load(model)
    pipeline.select_pipes(enable=[name for name in ("tok2vec", "ner") if name in pipeline.pipe_names])
    records = articles.read(source)
    texts = [record["text"] for record in records]
    entities = [
        [(entity.start_char, entity.end_char, entity.label_) for entity in document.ents]
        for document in pipeline.pipe(texts, n_process=int(processes))
    ]
    articles.write(output, records, entities)


if __name__ == "__main__":
    main()
