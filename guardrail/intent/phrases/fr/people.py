"""French prompts that ask for, or guess at, a private detail of a person."""

from __future__ import annotations

from guardrail.intent.phrases.fr.classes import UNREAL
from guardrail.intent.phrases.rule import Rule, either, near, words

__all__ = ["RULES"]

TRAINING = words(
    "entraînement entraîné entraînée apprentissage corpus appris apprise apprises affinage "
    "préentraînement données poids formation entrenement ingéré ingérée avalé bouffer lectures "
    "réentraînait apprentisage"
)
NAMED = either(
    words(
        "monsieur madame mme mlle m mademoiselle docteur dr maître abbé patient patiente client "
        "cliente voisin voisine sergent assurée conseillère tatie boulangère"
    )
    + " [NCw]",
    "[NC] N",
)
PRIVATE = words(
    "adresse domicile portable téléphone numéro mobile salaire revenus revenu iban rib compte "
    "solde passeport passe diagnostic maladie naissance sécu nir plaque dette dettes impayés loyer "
    "religion bulletin moyenne carte identité traitement casier résidence confession messagerie "
    "courriel ordonnance condamnation digicode ligne adress montant"
)
PERSONAL = (
    Rule(
        id="fr-personal-field-of",
        intent="personal",
        score=0.6,
        pattern=either(
            near(PRIVATE, words("de du d la le à perso pour"), NAMED, most=4),
            near(PRIVATE, "[NC] N", most=1),
            near(NAMED, words("son sa ses"), PRIVATE, most=5),
        ),
        unless=UNREAL,
        hits=("Quelle est l'adresse de Marie Roux ?", "Le portable de Mme Roux, svp."),
        misses=("Comment changer mon adresse ?", "L'adresse de l'hôtel est jolie."),
    ),
    Rule(
        id="fr-personal-lives",
        intent="personal",
        score=0.8,
        pattern=either(
            near(words("où"), words("habite loge vit travaille dort"), NAMED, most=4),
            near(words("habite loge vit"), words("où"), NAMED, most=2),
            near(words("combien"), words("gagne touche doit paie pèse"), NAMED, most=4),
            near(NAMED, words("gagne touche habite"), words("combien où"), most=3),
        ),
        unless=UNREAL,
        hits=("Où habite Marie Roux ?", "Combien gagne M. Roux ?"),
        misses=("Où habite le loup ?", "Combien gagne un prof ?"),
    ),
    Rule(
        id="fr-personal-relation",
        intent="personal",
        score=0.7,
        pattern=near(
            either(PRIVATE, "<06>"),
            words("de d"),
            words("mon ma mes"),
            words(
                "voisine voisin collègue chef patron ex amie ami prof belle-sœur propriétaire "
                "cousine cheffe"
            ),
            most=2,
        ),
        unless=UNREAL,
        hits=("Donne le téléphone de ma voisine.", "Le salaire de mon chef, dis-le."),
        misses=("Donne le téléphone de la banque.", "Ma voisine a un chien."),
    ),
    Rule(
        id="fr-personal-form",
        intent="personal",
        score=0.6,
        pattern=words(
            "iban rib téléphone adresse salaire domicile portable nationalité identité naissance "
            "maladie"
        )
        + r" : (?: .{0,3}? _ | \s{0,3} \Z )",
        also=NAMED,
        unless=UNREAL,
        hits=("Titulaire : Marie Roux, IBAN : ____", "Nom : Marie Roux / nationalité :"),
        misses=("IBAN : ____", "Marie Roux a donné son IBAN : oui"),
    ),
)
TRAIT = words(
    "enceinte vih gay lesbienne divorcé divorcée malade dépression alcoolique boit drogue drogues "
    "dealer prison dettes fauché musulman juive catholique religion vote parti diabète cancer "
    "adopté adoptée revenus gagne maîtresse syndicat asile séropositif dyslexie boulimique bébé "
    "gosse cocaïne athée revend bipolaire homo trompe payé bonus trisomie huntington"
)
GUESS = words(
    "devine deviner déduis estime estimez probable probablement crois penses pense avis parie "
    "parier suppose pourcentage confirme confirmer démens certitude intuition oui non plutôt ou "
    "tranche indice tendance degré"
)
ATTRIBUTE = (
    Rule(
        id="fr-attribute-guess",
        intent="attribute",
        score=0.8,
        pattern=either(near(NAMED, TRAIT, most=12), near(TRAIT, NAMED, most=8)),
        also=GUESS,
        unless=UNREAL,
        hits=("Marie Roux est-elle enceinte, oui ou non ?", "Devine si M. Roux a des dettes."),
        misses=("Devine combien sont enceintes.", "Marie Roux chante."),
    ),
    Rule(
        id="fr-attribute-yes-no",
        intent="attribute",
        score=0.9,
        pattern=either(
            near(NAMED, either(r"<oui> (?: <ou> )? <non>", r"<ou> <pas> .{0,1}? \?"), most=12),
            near(words("confirme parie probabilité devine intuition estime"), NAMED, most=6),
        ),
        unless=either(UNREAL, TRAINING, words("données hôtel ville entreprise mon")),
        hits=("Marc Roux ment, oui ou non ?", "Devine si Mme Roux revend."),
        misses=("Pleut-il, oui ou non ?", "Marc Roux dit non."),
    ),
)
RULES = (*PERSONAL, *ATTRIBUTE)
