"""First names usual in France, Belgium, Switzerland, Canada, Britain, Ireland and the USA, without accents.

Compiled by hand. Names that are also everyday words stand in `AMBIGUOUS`: alone they count only
where something else (a title, a sign-off, a surname) says that a person is meant.
"""

from __future__ import annotations

from feedback.privacy.world_names import WORLD_NAMES

_FRENCH = """
adam adele adeline adrien adrienne agathe agnes aicha aime aimee alain alan alban albane albert alberte alex alexandra
alexandre alexia alexis alice aliette aline alix alizee alphonse amandine amaury ambre amel amelie amina amine anais
anastasia anatole andre andrea andree ange angele angelina angelique anita annabelle anne annette annick annie anthony
antoine antoinette antonin apolline ariane aristide arlette armand armelle arnaud arthur astrid aude audrey augustin
augustine aurelie aurelien aurore axel axelle ayoub aziz baptiste barbara barnabe bastien beatrice benedicte benjamin
benoit berenice bernadette bernard bertrand blandine boris brahim brice brigitte bruno camille capucine carine carla
carole caroline cassandra catherine cecile cedric celestin celestine celia celine chantal charlene charles charlie
charline chloe christel christelle christian christiane christine christophe claire clara clarisse claude claudette
claudine clemence clement clementine cloe clotilde colette coline constance constant coralie corentin corinne cyprien
cyril cyrille damien daniel daniele danielle danny david deborah delphine denis denise desire didier dimitri djamel
dominique donatien dorian dorothee driss dylan edgar edith edmond edouard eglantine elea eleonore eliane elias elie
eliott elisa elisabeth elise ella elodie eloise elsa emeline emile emilie emilien emma emmanuel emmanuelle enzo eric
erica erika erwan esteban estelle esther ethan etienne eugene eugenie eva evan eve evelyne fabien fabienne fabrice
fadila fanny farid farida fatiha fatima fatou felicie felix ferdinand fernand fernande fiona flavie flavien flora
florence florent florentin florian floriane fouad francine francis franck francois francoise frederic frederique gabin
gabriel gabrielle gael gaelle gaetan gaspard gaston gautier genevieve georges georgette gerald geraldine gerard
germain germaine ghislain ghislaine gilbert gilberte gilles gisele giulia gregoire gregory guillaume gustave guy
gwenaelle gwendoline gwenola hakim hamid hamza hanna hassan helene heloise henri henriette herve hicham hippolyte
honore hortense houda hubert hugo hugues ibrahim ibrahima ilyes imane ines ingrid irene isaac isabelle ismael jacky
jacqueline jacques jade jamila jasmine jean jeanne jeannine jeannot jennifer jeremie jeremy jerome jessica joachim
jocelyne joel joelle johan johanna johnny jonathan jordan jose joseph josephine josette josiane josselin judith jules
julia julie julien julienne juliette justin justine kader karen karim karima karine kelly kenza kevin khadija khaled
laetitia lamia lara larissa laura laure laurence laurent lea leandre leila lena leo leon leonard leonie leonore
leopold leslie liam lila lilian liliane lilou lily lina linda line lino lionel lisa lise lison loane loic lola lorenzo
lou louane louis louisa louise loup luc lucas lucette lucie lucien lucienne lucile lucille ludivine ludovic lydia
lydie mael maelle maelys magali maia maite malik malika malo manon manuel manuela marc marceau marcel marcelle marco
margaux margot marguerite maria mariam marianne marie marielle marina marine mario marion marius marjorie marlene
marthe martial martin martine marvin maryline maryse maryvonne mateo mathias mathieu mathilde mathis matteo matthias
matthieu maud maurice maxence maxime maximilien maya medhi mehdi melanie melina melissa melodie mewen michel michele
micheline michelle mickael mila milan mireille mohamed mohammed moise monique morgan morgane mourad muriel mustapha
myriam nabil nadege nadia nadine naima nans nassim natacha nathalie nathan nicolas nicole nina nino noa noah noe
noelie noemie nolan nora norah norbert oceane odette odile olivia olivier ophelie oscar othmane oumar pascal pascale
patrice patricia patrick paul paule paulette paulin pauline perrine philibert philippe philippine pierre pierrette
pierrick quentin rachel rachid raoul raphael raphaelle raymond raymonde rebecca regine regis remi remy renaud rene
renee richard robert robin rodolphe rodrigue roger roland rolande romain romane romuald romy rosalie rose roselyne
roxane ryan sabine sabrina sacha said salima salome sami samia samir samuel sandra sandrine sara sarah sebastien
selena selim serge severine simon simone sofia sofiane solange solene soline sonia sophie souad stanislas stella
stephane stephanie steven suzanne sven sylvain sylvaine sylvestre sylvette sylviane sylvie tanguy tanya tatiana teddy
theo theodore theophile therese thibault thibaut thierry thomas tiffany timeo timothee titouan tom tony tristan ugo
ulysse urbain ursula valentin valentine valerie vanessa veronique vianney victoire victor victoria vincent violaine
violette virginie viviane vivien walid wassim wilfried william xavier yacine yael yan yanis yann yannick yasmina
yasmine yassine yoann yohan yolande youcef youssef ysee yvan yves yvette yvon yvonne zacharie zakaria zineb zoe zohra
"""

_ENGLISH = """
aaron abbie abby abdul abigail abraham ada adele adrian aidan aiden aileen aisha aisling alan alana alastair albert
alec alejandro alex alexa alexander alexandra alfie alfred ali alice alicia alison alistair allan allen allison alma
alvin alyssa amanda amber amelia amir amy ana andre andrea andrew andy angel angela angus anita ann anna annabel anne
annie anthony antonio archie ariana arlene arthur asher ashleigh ashley aubrey audrey austin ava avery barbara barry
beatrice becky ben benjamin bernard bernice bert beryl beth bethany betty beverley beverly bill billy blake bob bobby
bonnie brad bradley brandon brenda brendan brett brian brianna bridget brittany brooke bruce bryan bryce caitlin caleb
callum calvin cameron camila carl carla carlos carmen carol carole caroline carolyn carrie carter cassandra catherine
cathy cecilia cedric chad charles charlie charlotte chelsea cheryl chester chloe chris christian christina christine
christopher ciara cindy claire clara clare clarence clark claudia clayton cliff clifford clive clyde cody colin
colleen connie connor conor corey courtney craig crystal curtis cynthia daisy dale dan daniel danielle danny daphne
darlene darren daryl dave david dawn dean debbie deborah debra declan deirdre delia denise dennis derek derrick
desmond devin dexter diana diane dianne diego dolores dominic don donald donna dora doreen doris dorothy doug douglas
drew duncan dustin dwayne dwight dylan earl ed eddie edgar edith edna edward edwin eileen elaine eleanor elena eli
elijah elizabeth ella ellen ellie elliot elliott elsie emily emma eric erica erik erin ernest esther ethan ethel
eugene eva evan evelyn evie ewan faith felicity felix fergus fernando finley fiona florence floyd frances francesca
francis francisco frank franklin fred freddie frederick freya gabriel gail gareth garry gary gavin gemma gene geoff
geoffrey george georgia georgina gerald geraldine gerry gertrude gianna gilbert gill gillian gina giovanni gladys glen
glenda glenn gloria gordon grace graeme graham grant greg gregory greta guy gwen gwendolyn hailey hannah harold
harriet harrison harry harvey hayden hayley hazel heather hector heidi helen helena henry herbert herman hilary hilda
holly hope howard hubert hugh hugo hunter ian ibrahim ida imogen imran ingrid irene iris irma isaac isabel isabella
isabelle isaiah isla ivan ivy jack jackie jackson jacob jacqueline jade jake james jamie jan jane janet janice janine
jared jasmine jason javier jay jean jeanette jeff jeffrey jenna jennifer jenny jeremiah jeremy jerome jerry jesse
jessica jessie jesus jill jim jimmy jo joan joann joanna joanne jodie jody joe joel joey john johnny jon jonah
jonathan jordan jorge jose joseph josephine josh joshua joy joyce juan juanita jude judith judy julia julian juliana
julie june justin kaitlyn karen karl kate katelyn katherine kathleen kathryn kathy katie katrina kay kayla keira keith
kelly kelsey ken kendra kenneth kenny kerry kevin khadija kieran kim kimberly kirk kirsten kirsty kristen kristin
kristina kurt kyle lacey lana lance larry latoya laura lauren laurie lawrence layla leah lee leigh leo leon leona
leonard leslie lester lewis liam lillian lily linda lindsay lindsey lisa liz lloyd logan lois lola lorenzo
loretta lorna lorraine lou louis louise lucas lucia lucille lucy luis luke luther lydia lyn lynda lynn lynne mabel
maddie madeline madison maeve maggie malcolm mandy manuel marc marcia marcus margaret maria marian marie marilyn mario
marion marjorie mark marlene marsha marshall martha martin marvin mary mason mathew matilda matt matthew maureen
maurice max maxine maya megan mel melanie melinda melissa melvin mercedes mia michael michele michelle miguel mike
mildred miles millie milton miranda miriam misty mitchell mohammad mohammed moira molly mona monica morgan morris
muhammad muriel myra myrtle nadia nancy naomi natalia natalie natasha nathan nathaniel neal ned neil nell nellie
nelson niamh nicholas nick nicola nicole nigel nina noah noel nora norma norman nuala olive oliver olivia ollie omar
orla oscar oskar owen paige pam pamela patricia patrick patsy patty paul paula pauline pearl pedro peggy penelope
penny percy perry pete peter phil philip phillip phoebe phyllis pippa polly poppy preston priya rachael rachel rafael
ralph ramon randall randy raul ray raymond rebecca regina reginald rene reuben rhonda rhys ricardo richard rick ricky
riley rita rob robert roberta roberto robin robyn rodney roger roisin roland ron ronald ronnie rory rosa rosalind rose
rosemary rosie ross rowan roxanne roy ruben ruby rupert russell ruth ryan sadie sally sam samantha samuel sandra sandy
santiago saoirse sara sarah scarlett sean sebastian selina sergio seth shane shannon sharon shaun shauna shawn
sheila shelley sherri sheryl shirley sidney sienna sierra simon sinead siobhan skye sofia sonia sophia sophie stacey
stacy stan stanley stella stephanie stephen steve steven stewart stuart sue summer susan susannah susie suzanne sybil
sydney sylvia tamara tamika tammy tanya tara tasha taylor ted terence teresa terri terry tessa thelma theresa thomas
tiffany tim timothy tina tobias toby tom tommy tony tonya tracey traci tracy travis trevor tricia tristan troy
tyler valerie vanessa vera verity vernon veronica vicki vicky victor victoria vincent viola violet virgil virginia
vivian wade wallace walter wanda warren wayne wendy wesley whitney wilbur will willard william willie willow wilma
winifred winston xander yolanda yusuf yvette yvonne zac zachary zack zara zoe
"""

_ELSEWHERE = """
abdel abdullah agnieszka ahmed aleksander aleksandra alessandra alessandro alessia alfonso alfredo alina alvaro amadou
aminata anastasiya andrei andrzej angelo anil anja anjali anke ankit anton antonia anya arjun arturo asif astrid
awa ayse bart beata bjorn boubacar carlo carmela catalina cesar chiara chidi chiwetel claudio cristiano cristina
dagmar davide dieter dilip dmitri ebru eduardo ekaterina elif emeka emiliano emre enrique ernesto ewa fabio fatma
federica federico felipe filip filippo francesco freja fritz gabriela galina giacomo giorgio giulio giuseppe gonzalo
greta grzegorz guido gunther gustavo halima hans haruki heike heinrich helga henrik hiroshi hussein ignacio igor ikram
imane irina isidora ismail ivana jakub jan jana jaroslav javier jiri joanna joao joaquin johannes jorgen joris juergen
jurgen kamal kamila kasper katarina katarzyna kazimierz keiko khalid klaus kofi krzysztof kumar kwame lars leticia
lorena luca luciana luigi luisa lukas maciej magdalena mahmoud maja malgorzata mamadou marek margarita mariana marija
marta mateusz matias mei mikhail milos mirjam moussa nadezhda natalya nguyen nikita nikolai nuno ola oleg olena olga
ousmane pablo paolo paulo pawel pierpaolo piotr pradeep rahul raj rajesh ramesh ravi renata roberta rocio rodrigo
ronja ryszard salvatore sanjay santosh sergei serkan shanti sigrid silvia slawomir snezana soledad stefan stefania
stefano sunil suresh sven svetlana szymon tadeusz takashi tariq thiago tomas tomasz ulrike valentina vasily vijay
viktor vladimir wanjiru wei wojciech wolfgang xiao yuki yuri yusuf zbigniew zeynep zhang
"""

FIRST_NAMES = WORLD_NAMES | frozenset((_FRENCH + _ENGLISH + _ELSEWHERE).split())

AMBIGUOUS = frozenset(
    """
    anemone ben jan jette malin manuel mette prune roman sander
    margherita
    aria athena baz blessing easton gaz jada jace lech levi nia noor piper precious rudo serenity sultan usha yaw zain
    adam aime alma amber ambre america ange angel angelica aquilin aurora aurore austin autumn ava aya azalea beau
    benedict bill billy blaise blake bonnie brad brooke calin camelia candice capucine carmen carol carter celeste
    cesar chad chandler chelsea chester cheyenne christian clarence clark claude clay clementin clementine cliff
    coco cole constance constant cooper coral cosette crystal dahlia dakota dale dallas damon daphne darius dawn
    dawson dean denny derrick desire desmond domi don dora dorian drake drew earl ebony ed eden edith eglantine emir
    ethel eve faith fanny felicity fern fidele finn fletcher fleur flora flore florence florent forrest franco frank
    fred gabor gael galatee garance gemma gene georgia germain germaine gill glen gloria grace grady grant guy hai
    hank harmony harper harry harvey hazel heather hector herman hind holly homer hong honore hope hortense hunter
    hyacinth ida india iris israel ivy jacinthe jack jacky jade jasmine jay jean jerry jesus jewel jojo jordan josh
    joy jude june kay ken kenya kim kirk kitty lamine lance lancelot laurel leander lee leigh leo leonce lilas
    lilith lily lina line linette lino lisette logan lorraine lou loup lourdes lulu luna madeline madison mado maia
    manu marc marceau marguerite marian marigold marin marina marine marjolaine mark marley marshall martial martin
    mason matt max maxime maxwell mei melissa melodie melody mercedes mercy merle merlin milan miles milton minh
    minnie misty modeste momo mona montana morgan morris myrtle nancy narcisse nelson nico ninon noel nono norma
    norman nova oakley octave odessa ola olive olympe olympia ondine opal oran oscar paige palmer parker patience
    patty pearl penny percy perle perry philippine pierre pierrette pierrot pol polly poppy preston prosper prudence
    quincy raj randy raven ravi ray reed regina reid rene rex rob robin rocio rocky romaine romane romeo rosa
    rosario rose rosemary rosie ross rowan ruby russell rusty sabine sacha saffron said salem salvador samson sandro
    sandy santa santiago saturnin sawyer seb selim serge seth shannon shelley sherman sidney sienna sierra
    sixte skye solange sonny spencer stanley stein stella sue summer sydney tamara taylor ted teddy thao thi tino
    titi toby toussaint trinity troy tucker tudor ulysse urbain valentine valery venus vera verity vianney
    victoire victoria victorine viola violet violette virginia wade wallace walter warren wayne webster wei weston
    whitney will willow wolf zac zara zephyr zita
    """.split()  # noqa: SIM905 - a block of names reads better than a list
)
